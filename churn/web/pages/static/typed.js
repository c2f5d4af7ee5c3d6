// Reads a number as a person types it, with a comma or a point. A text with two readings is a number only if the
// marks of its field decide. The rules are those of churn/model/marks.py; a test compares both.

import { strip } from "./spelling.js";

export const SPACES = " \u00a0\u2007\u2009\u202f";
const THOUSANDS = new RegExp(
  `^[+-]?(?:[1-9][0-9]{0,2}([,${SPACES}'\u2019])[0-9]{3}(?:\\1[0-9]{3})*|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})(?:\\.[0-9]*)?$`,
);
const MARKS = new RegExp(`[,'\u2019${SPACES}]`, "g");
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
export const DOTTED = ["kr", "rs", "fr"]; // abbreviations that are written with a point, too
const LONGEST = 400;

/**
 * The `number` that a text is in a field with the `marks` { sign, thousands, decimalComma, threeDecimals }, or
 * `either` of two numbers; {} if it is not a number.
 */
export function readTyped(text, marks) {
  const digits = withoutSign(strip(text).replaceAll("\u2212", "-"), marks.sign);
  if (digits.length > LONGEST) return {};
  const [withPoint, withComma] = [readPoint(digits), readPoint(swapMarks(digits))];
  if (withPoint === null && withComma === null) return {};
  if (withPoint === null || withComma === null || withPoint === withComma) return { number: withPoint ?? withComma };
  const number = digits.includes(".") ? readOnePoint(withPoint, withComma, marks) : readOneComma(withPoint, withComma, marks);
  return number === null ? { either: [withPoint, withComma].sort((one, other) => Math.abs(one) - Math.abs(other)) } : { number };
}

/** Digits with commas for points, and points for commas. */
export const swapMarks = (digits) => digits.replace(/[.,]/g, (mark) => (mark === "," ? "." : ","));

/** The number that a text such as 1.234 is; null if it may be two. */
function readOnePoint(withPoint, withComma, { thousands, decimalComma, threeDecimals }) {
  if (decimalComma) return thousands ? withComma : null;
  return thousands && !threeDecimals ? null : withPoint;
}

/** The number that a text such as 1,234 is; null if it may be two. */
function readOneComma(withPoint, withComma, { thousands, decimalComma, threeDecimals }) {
  if (!decimalComma) return thousands ? withPoint : null;
  return thousands && !threeDecimals ? null : withComma;
}

/** The number that digits with a decimal point are, or null. */
export function readPoint(digits) {
  const bare = THOUSANDS.test(digits) ? digits.replace(MARKS, "") : digits;
  const number = NUMBER.test(bare) ? Number(bare) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** A number without its field's sign, before or after it. */
function withoutSign(text, sign) {
  const own = strip(sign).toLowerCase();
  const [, minus, rest] = /^([+-]?)(.*)$/s.exec(text);
  if (!own) return text;
  const point = DOTTED.includes(own) ? /^\./ : "";
  if (rest.toLowerCase().startsWith(own)) return minus + strip(rest.slice(own.length).replace(point, ""));
  return text.toLowerCase().endsWith(own) ? strip(text.slice(0, -own.length)) : text;
}

/** A number as a text that a field with these marks reads as this number. */
export function spellTyped(number, marks) {
  const text = String(number);
  return readTyped(text, marks).number === number ? text : `${text}0`;
}
