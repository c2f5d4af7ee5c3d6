// The values of a workbook's cells: numbers, percentages, dates, texts and errors. The rules are those of
// churn/workbooks/cells.py; a test compares both.

import { strip } from "./spelling.js";

export const MOST_ROWS = 1_048_576;
export const MOST_COLUMNS = 16_384;

const MOST_WHOLE = 10 ** 15 - 1; // Excel keeps every digit up to here
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const LONGEST_NUMBER = 400;
const ERRORS = ["#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"];
const PERCENT_FORMATS = [9, 10];
const DATE_FORMATS = [14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 47, 50, 51, 52, 53, 54, 55, 56, 57, 58];
const DAY_MS = 24 * 60 * 60 * 1000;
const EPOCH_1900 = Date.UTC(1899, 11, 30); // right for days from 1900-03-01: Excel counts a 29 February 1900
const EPOCH_1904 = Date.UTC(1904, 0, 1);
const FIRST_SURE_DAY = 61; // 1900-03-01
const LAST_DAY = 2_958_465; // 9999-12-31
const ISO = /^(\d{4}-\d{2}-\d{2})?(?:(?:^|[T ])(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(Z|[+-]\d{2}:\d{2})?$/;

/** A number that its cell shows as a percentage: the cell that shows 26% holds 0.26. */
export class Percent {
  constructor(value) {
    this.value = value;
  }

  toString() {
    const [digits, exponent] = this.value.toExponential().split("e");
    return `${spellNumber(Number(`${digits}e${Number(exponent) + 2}`))}%`;
  }
}

/** An amount of money, which its cell shows with two decimals. */
export class Money {
  constructor(value) {
    this.value = value;
  }
}

/** A date, a datetime or a time: `text` is in ISO 8601, `serial` as Excel counts days, null if the cell has none. */
export class Moment {
  constructor(kind, text, serial) {
    Object.assign(this, { kind, text, serial });
  }

  toString() {
    return this.text;
  }
}

/** A cell that has no value and is not blank. `problem` describes it in words, `code` is what Excel shows. */
export class CellError {
  constructor(problem, code = "#VALUE!") {
    Object.assign(this, { problem, code });
  }

  toString() {
    return this.code;
  }
}

export const NO_VALUE = new CellError("a formula without a calculated value");
const NO_NUMBER = new CellError("a number that can\u2019t be read");
const NO_DATE = new CellError("a date that can\u2019t be read");

/** A cell as a CSV would spell it. */
export function spellCell(cell) {
  if (cell === null) return "";
  return typeof cell === "number" ? spellNumber(cell) : String(cell);
}

/**
 * The same, except that a number with three decimals, such as 12.345, gets a fourth, 12.3450: it could be read as
 * thousands.
 */
export function spellSurely(cell) {
  const isNumber = typeof cell === "number" || cell instanceof Percent;
  return isNumber ? spellCell(cell).replace(/\.[0-9]{3}(?=%?$)/, "$&0") : spellCell(cell);
}

/** A number as Python spells it. */
function spellNumber(number) {
  if (Number.isInteger(number) && Math.abs(number) <= MOST_WHOLE) return String(number + 0);
  const [digits, exponent] = number.toExponential().split("e");
  if (exponent >= -4 && exponent < 16) return Number.isInteger(number) ? `${number}.0` : String(number);
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/**
 * The way in which a number format shows a number: "percent", "date" or null. `code` is the format's own code, if it
 * has one.
 */
export function readFormat(number, code) {
  if (code === undefined) return PERCENT_FORMATS.includes(number) ? "percent" : DATE_FORMATS.includes(number) ? "date" : null;
  const [first] = code.replace(/"[^"]*"|\\.|_.|\*./g, "").split(";");
  if (/\[(?:h+|m+|s+)\]/i.test(first)) return null;
  const letters = first.replace(/\[[^\]]*\]/g, "");
  if (letters.includes("%")) return "percent";
  return /[dmyhs]/i.test(letters) && strip(letters).toLowerCase() !== "general" ? "date" : null;
}

/** The value of a number's cell: a number, a Percent, a Moment or a CellError. */
export function readNumberCell(text, shown, from1904) {
  const spelled = strip(text);
  const number = spelled.length <= LONGEST_NUMBER && NUMBER.test(spelled) ? Number(spelled) : Infinity;
  if (!Number.isFinite(number)) return NO_NUMBER;
  if (shown === "percent") return new Percent(number);
  return shown === "date" ? readSerial(number, from1904) : number + 0;
}

/**
 * The date or datetime, to a millisecond, that Excel shows for a number of days; a number below one is a time of day.
 */
function readSerial(serial, from1904) {
  if (!(serial >= 0 && serial < LAST_DAY + 1)) return NO_DATE;
  const all = roundEven(serial * DAY_MS);
  if (serial < 1 && !(from1904 && serial === 0)) {
    return new Moment("time", spellTime(new Date(Math.min(all, DAY_MS - 1))), serial);
  }
  const [day, milliseconds] = [Math.floor(all / DAY_MS), all % DAY_MS];
  if (!from1904 && day === FIRST_SURE_DAY - 1) return NO_DATE; // 29 February 1900, which did not exist
  const days = day + (!from1904 && day < FIRST_SURE_DAY ? 1 : 0);
  const moment = new Date((from1904 ? EPOCH_1904 : EPOCH_1900) + days * DAY_MS + milliseconds);
  if (moment.getUTCFullYear() > 9999) return NO_DATE;
  const date = moment.toISOString().slice(0, 10);
  return milliseconds ? new Moment("datetime", `${date}T${spellTime(moment)}`, serial) : new Moment("date", date, serial);
}

function spellTime(moment) {
  const text = moment.toISOString().slice(11, 23);
  return text.endsWith(".000") ? text.slice(0, 8) : `${text}000`;
}

/** Rounds as Python does: a half to the even number. */
function roundEven(number) {
  const floor = Math.floor(number);
  return number - floor === 0.5 ? floor + (floor % 2) : Math.round(number);
}

/** The date, datetime or time of a cell that holds it in ISO 8601, which few programs write. */
export function readIso(text) {
  const [found, date, time, zone] = ISO.exec(strip(text)) ?? [];
  if (!found || (zone && !time)) return NO_DATE;
  const whole = `${date ?? "2000-01-01"}T${time ?? "00:00"}Z`;
  const isDay = !Number.isNaN(Date.parse(whole)) && new Date(whole).toISOString().startsWith(date ?? "");
  if (!isDay || time?.startsWith("24") || date?.startsWith("0000")) return NO_DATE;
  const seconds = time?.length === 5 ? `${time}:00` : time;
  const [clock, fraction] = seconds?.split(".") ?? [];
  const spelled = Number(fraction) ? `${clock}.${fraction.padEnd(6, "0")}` : clock;
  const kind = date && time ? "datetime" : date ? "date" : "time";
  const offset = zone === "Z" ? "+00:00" : (zone ?? "");
  return new Moment(kind, [date, spelled && spelled + offset].filter(Boolean).join("T"), null);
}

export const readError = (text) => (ERRORS.includes(text) ? new CellError(`the error ${text}`, text) : new CellError("an error"));

/** A text as Excel shows it. A workbook spells a character that XML can't hold as _x0007_. */
export function readText(text) {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (escape, code) => {
    const character = String.fromCharCode(parseInt(code, 16));
    return /[\ud800-\udfff]/.test(character) ? escape : character;
  });
}

/** The number, from 0, of the column that a spreadsheet names by these letters; null for other letters. */
export function readColumn(letters) {
  if (!/^[A-Z]{1,3}$/.test(letters)) return null;
  return [...letters].reduce((column, letter) => 26 * column + letter.charCodeAt(0) - 64, 0) - 1;
}
