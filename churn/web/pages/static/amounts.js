// A number in a cell of the user's own table, read with the table's decimal mark. What may be two numbers is none.

import { byId } from "./elements.js";
import { strip } from "./spelling.js";

const THOUSANDS_SPACE = /(?<=\d)[ \u00a0\u2007\u2009\u202f'\u2019](?=\d{3})/g;
const THOUSANDS = /^[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?$/;
const ONE_OR_THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+$/;
const NO_LETTERS = /[\d\s.,'\u2019+-]/g;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number in a cell, NaN where there is none. `mark` is the table's, as X-Decimal-Mark has it, or "each". */
export function readAmount(cell, mark) {
  const text = strip(cell).replaceAll("\u2212", "-");
  const letters = text.replace(NO_LETTERS, "").toLowerCase();
  if (letters !== "" && !mayBeNumber(letters)) return NaN; // as most texts: looking for each sign takes long
  const unsigned = letters === "" ? text : withoutSign(text);
  let digits = unsigned.replace(THOUSANDS_SPACE, "");
  const isSure = mark === "point" || mark === "comma" || (mark === "each" && digits === text);
  if (!isSure && ONE_OR_THOUSANDS.test(digits)) return NaN;
  const isComma = isSure ? mark === "comma" : digits.lastIndexOf(",") > digits.lastIndexOf(".");
  if (isComma) digits = digits.replace(/[.,]/g, (letter) => (letter === "," ? "." : ","));
  if (THOUSANDS.test(digits)) digits = digits.replaceAll(",", "");
  return NUMBER.test(digits) ? Number(digits) : NaN;
}

let lettersOfNumbers = null;
let signs = null; // the page's, once there is one

const readSigns = () => (signs ??= JSON.parse(byId("main").dataset.signs).sort((one, other) => other.length - one.length));

/** Whether letters are those of a number: a sign, the letter of an exponent, or both. */
function mayBeNumber(letters) {
  lettersOfNumbers ??= new Set(["", ...readSigns()].flatMap((sign) => [sign, `${sign}e`, `e${sign}`]));
  return lettersOfNumbers.has(letters);
}

/** A number without the currency or percent sign before or behind it; the page has those that the service knows. */
function withoutSign(text) {
  const folded = text.toLowerCase();
  for (const sign of readSigns()) {
    const [, minus, bare] = /^([+-]?)(.*)$/s.exec(text);
    const begin = folded.slice(minus.length);
    if (begin.startsWith(sign)) return minus + strip(bare.slice(sign.length).replace(/^\./, ""));
    if (folded.endsWith(sign)) return strip(text.slice(0, -sign.length));
  }
  return text;
}
