// A number as a person types it, with a comma or a point. What may be two numbers is one only where its field's own marks
// decide: the rules of churn/model/marks.py, to which a test holds these.

import { strip } from "./spelling.js";

const SPACES = " \u00a0\u2007\u2009\u202f";
const THOUSANDS = new RegExp(
  `^[+-]?(?:[1-9][0-9]{0,2}([,${SPACES}'\u2019])[0-9]{3}(?:\\1[0-9]{3})*|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})(?:\\.[0-9]*)?$`,
);
const MARKS = new RegExp(`[,'\u2019${SPACES}]`, "g");
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const DOTTED = ["kr", "rs", "fr"]; // abbreviations that are written with a point, too
const LONGEST = 400;

/**
 * What a text is in a field whose `marks` are { sign, thousands, decimalComma, threeDecimals }: its `number`, or `either` of
 * two; neither where it is no number.
 */
export function readTyped(text, marks) {
  const digits = withoutSign(strip(text).replaceAll("\u2212", "-"), marks.sign);
  if (digits.length > LONGEST) return {};
  const [withPoint, withComma] = [readPoint(digits), readPoint(digits.replace(/[.,]/g, (mark) => (mark === "," ? "." : ",")))];
  if (withPoint === null && withComma === null) return {};
  if (withPoint === null || withComma === null || withPoint === withComma) return { number: withPoint ?? withComma };
  const number = digits.includes(".") ? readOnePoint(withPoint, withComma, marks) : readOneComma(withPoint, withComma, marks);
  return number === null ? { either: [withPoint, withComma].sort((one, other) => Math.abs(one) - Math.abs(other)) } : { number };
}

/** 1.234 */
function readOnePoint(withPoint, withComma, { thousands, decimalComma, threeDecimals }) {
  if (decimalComma) return thousands ? withComma : null;
  return thousands && !threeDecimals ? null : withPoint;
}

/** 1,234 */
function readOneComma(withPoint, withComma, { thousands, decimalComma, threeDecimals }) {
  if (!decimalComma) return thousands ? withPoint : null;
  return thousands && !threeDecimals ? null : withComma;
}

/** The number of digits whose point is decimal; null where they are none. */
function readPoint(digits) {
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

/** A number as a text that is read as this number in a field of these marks. */
export function spellTyped(number, marks) {
  const text = String(number);
  return readTyped(text, marks).number === number ? text : `${text}0`;
}
