// Reads and writes CSV, as bytes and as text: finds the ends of records, parses them and spells them. Does not know
// customers.

import { isBlank } from "./spelling.js";

const [TAB, LF, CR, SPACE, QUOTE] = [9, 10, 13, 32, 34];

/** A record without the cells after the header's `width`, if all of these are blank, as spreadsheets leave them. */
export const dropSurplus = (cells, width) =>
  cells.length > width && cells.slice(width).every(isBlank) ? cells.slice(0, width) : cells;

/**
 * Finds the whole records at the start of bytes, at most `maxRows` filled and `maxBlank` blank ones.
 *
 * `last` is true if no bytes follow. Returns the offsets at which the records end and the last of them begins, the
 * numbers of lines and rows, and the places (from 0) of the filled rows. Quotes may hold line ends, delimiters and
 * doubled quotes.
 */
export function cutRecords(bytes, { delimiter, maxRows, maxBlank = Infinity, last }) {
  const filled = [];
  let [end, lastBegin, lines, line, rows] = [0, 0, 0, 0, 0];
  let [atStart, quoted, letters, others] = [true, false, false, false];
  const endRecord = (next) => {
    if (letters || (others && hasText(bytes.subarray(end, next), delimiter))) filled.push(rows);
    [lastBegin, end, lines, rows] = [end, next, line, rows + 1];
    [atStart, letters, others] = [true, false, false];
  };
  const hasRoom = () => filled.length < maxRows && rows - filled.length < maxBlank;
  for (let at = 0; at < bytes.length && hasRoom(); at++) {
    const byte = bytes[at];
    const endsLine = byte === LF || (byte === CR && bytes[at + 1] !== LF);
    if (endsLine) line++;
    if (quoted && byte === QUOTE) {
      if (bytes[at + 1] === QUOTE) [at, letters] = [at + 1, true];
      else quoted = false;
    } else if (endsLine && !quoted) {
      if (byte === CR && at + 1 === bytes.length && !last) break; // an LF may follow
      endRecord(at + 1);
    } else if (byte === delimiter && !quoted) {
      atStart = true;
    } else {
      if (!quoted && byte === QUOTE && atStart) quoted = true;
      else if (byte > SPACE && byte < 128) letters = true;
      else if (byte !== SPACE && !(byte >= TAB && byte <= CR)) others = true; // may be one of the rarer spaces
      atStart = false;
    }
  }
  if (last && hasRoom() && end < bytes.length) {
    if (![LF, CR].includes(bytes.at(-1))) line++; // otherwise an open quote holds the line end
    endRecord(bytes.length);
  }
  return { end, lastBegin, lines, rows, filled };
}

function hasText(bytes, delimiter) {
  return parseRecords(decode(bytes), String.fromCharCode(delimiter)).length > 0;
}

/** The text of UTF-8 bytes. A byte order mark stays: in the middle of a file it is text. */
export const decode = (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** The records of a text as lists of cells, without the blank records. */
export function parseRecords(text, delimiter) {
  const records = [];
  let [record, cell, quoted, started] = [[], "", false, false];
  const endRecord = () => {
    record.push(cell);
    if (!record.every(isBlank)) records.push(record);
    [record, cell, started] = [[], "", false];
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[at++];
      else quoted = false;
    } else if (letter === '"' && !started) {
      [quoted, started] = [true, true];
    } else if (letter === delimiter) {
      record.push(cell);
      [cell, started] = ["", false];
    } else if (letter === "\n" || letter === "\r") {
      endRecord();
    } else {
      cell += letter;
      started = true;
    }
  }
  if (cell || record.length) endRecord();
  return records;
}

/** A record as a line, without its line end. Cells are quoted only if they must be, as in the service. */
export function writeRecord(cells, delimiter) {
  const quote = (cell) => (cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return cells.map(quote).join(delimiter);
}
