// Reads the number in a cell of the user's own table, with the table's decimal mark. A text with two readings is not
// a number.

import { byId } from "./elements.js";
import { strip } from "./spelling.js";
import { DOTTED, SPACES, readPoint, swapMarks } from "./typed.js";

const NO_LETTERS = /[\d\s.,'\u2019+-]/g;
const PLAIN = /^[+-]?\d*\.?\d*$/; // the spelling of a workbook's number
const LONGEST = 400;

/**
 * The number in a cell, or NaN. `mark` is the table's decimal mark: a value of X-Decimal-Mark or "each", null for an
 * unknown one.
 */
export function readAmount(cell, mark) {
  const text = strip(cell).replaceAll("\u2212", "-");
  if (text.length > LONGEST) return NaN;
  const letters = text.replace(NO_LETTERS, "").toLowerCase();
  if (letters !== "" && !mayBeNumber(letters)) return NaN; // most texts end here: searching for each sign is slow
  const digits = letters === "" ? text : withoutSign(text.toLowerCase());
  if (mark === "point" || (mark === "each" && PLAIN.test(text))) return readPoint(digits) ?? NaN;
  const withComma = readPoint(swapMarks(digits));
  if (mark === "comma") return withComma ?? NaN;
  const withPoint = readPoint(digits);
  const isOne = withPoint === null || withComma === null || withPoint === withComma;
  return isOne ? (withPoint ?? withComma ?? NaN) : NaN;
}

let lettersOfNumbers = null;
let signs = null; // { all, before, behind } of the page's signs; null until they are read

function readSigns() {
  if (signs) return signs;
  const all = JSON.parse(byId("main").dataset.signs).sort((one, other) => other.length - one.length);
  const anyOf = (some) => some.map((sign) => sign.replaceAll("$", "\\$") + (DOTTED.includes(sign) ? "\\.?" : "")).join("|");
  const isWord = (sign) => /^\p{L}+$/u.test(sign);
  const [symbols, words] = [all.filter((sign) => !isWord(sign)), all.filter(isWord)];
  const before = new RegExp(`^([+-]?)(?:(${anyOf(symbols)})[${SPACES}]*|(${anyOf(words)})[${SPACES}]*(?=[+-]?[0-9]))(.+)$`, "s");
  return (signs = { all, before, behind: new RegExp(`^(.*[0-9.,])[${SPACES}]*(${anyOf(all)})$`, "s") });
}

/** True for letters that a number may have: a sign, the letter of an exponent, or both. */
function mayBeNumber(letters) {
  lettersOfNumbers ??= new Set(["", ...readSigns().all].flatMap((sign) => [sign, `${sign}e`, `e${sign}`]));
  return lettersOfNumbers.has(letters);
}

/**
 * A number without the currency or percent sign before or after it. The page has the signs that the service knows.
 */
const withoutSign = (text) => splitSign(text).digits;

function splitSign(text) {
  const { before, behind } = readSigns();
  const first = before.exec(text);
  if (first) return { sign: first[2] ?? first[3], digits: first[1] + first[4] };
  const last = behind.exec(text);
  return last ? { sign: last[2], digits: last[1] } : { sign: "", digits: text };
}

/** The currency or percent sign in a cell that is a number, in lower case; "" without one. */
export function findSign(cell) {
  const text = strip(cell).toLowerCase();
  return text.length > LONGEST || text.replace(NO_LETTERS, "") === "" ? "" : splitSign(text).sign.replace(/\.$/, "");
}
