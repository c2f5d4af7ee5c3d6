// Finds the option of a select that a text in a table means, by the rules of churn/model/known_words.py and
// fields.py.

import { isBlank, spellClean, strip } from "./spelling.js";

const BLANKS = ["none", "-"]; // categories that mean that there is nothing
const TRUTHS = { true: "1", false: "0" };

/** The value of the option that a text means, in any spelling, or null. */
export function findOption({ options, dataset }, text) {
  const values = [...options].map(({ value }) => value);
  const spelled = spellClean(text);
  if (isBlank(text) || (dataset.missing ?? "").split(" ").includes(spelled)) return findBlank(values);
  if (values.includes(spelled)) return spelled;
  const alike = values.filter((value) => spellWhole(value) === spellWhole(spelled));
  if (alike.length === 1) return alike[0];
  const isFlag = values.length === 2 && values.includes("0") && values.includes("1");
  if (!isFlag) return null;
  return TRUTHS[spelled] ?? values.find((value) => Number(value) === Number(strip(text))) ?? null;
}

function findBlank(values) {
  if (values.includes("")) return "";
  const blanks = values.filter((value) => BLANKS.includes(value));
  return blanks.length === 1 ? blanks[0] : null;
}

/** A text without the decimals of a whole number: "3" for "3.0". */
const spellWhole = (text) => text.replace(/^(-?(?:0|[1-9][0-9]*))\.0$/, "$1").replace(/^-0$/, "0");
