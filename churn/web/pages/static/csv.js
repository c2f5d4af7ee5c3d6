// CSV as bytes and as text: where its records end, what is in them, how one is written. Knows no customers.

import { isBlank } from "./spelling.js";

const [TAB, LF, CR, SPACE, QUOTE] = [9, 10, 13, 32, 34];

/** A record without its cells past the header's `width`, where these are all blank, as spreadsheets leave them. */
export const dropSurplus = (cells, width) =>
  cells.length > width && cells.slice(width).every(isBlank) ? cells.slice(0, width) : cells;

/**
 * Cuts whole records off the front of bytes, `maxRows` at most that are not blank and `maxBlank` that are.
 *
 * `last` says that nothing comes behind the bytes. Returns where the records end and the last of them begins, how many
 * lines and rows they have, and which rows (from 0) are not blank. A quote may hold line ends, delimiters and doubled quotes.
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
      if (byte === CR && at + 1 === bytes.length && !last) break; // its LF may come
      endRecord(at + 1);
    } else if (byte === delimiter && !quoted) {
      atStart = true;
    } else {
      if (!quoted && byte === QUOTE && atStart) quoted = true;
      else if (byte > SPACE && byte < 128) letters = true;
      else if (byte !== SPACE && !(byte >= TAB && byte <= CR)) others = true; // a space, perhaps, of the rarer ones
      atStart = false;
    }
  }
  if (last && hasRoom() && end < bytes.length) {
    if (![LF, CR].includes(bytes.at(-1))) line++; // else an open quote holds the line end
    endRecord(bytes.length);
  }
  return { end, lastBegin, lines, rows, filled };
}

function hasText(bytes, delimiter) {
  return parseRecords(decode(bytes), String.fromCharCode(delimiter)).length > 0;
}

/** The text of bytes; a byte order mark in the middle of a file is text. */
export const decode = (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** The records of a text as lists of cells; records without any text are left out. */
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

/** A record as a line without its end. Cells are quoted where they must be, as the service does it. */
export function writeRecord(cells, delimiter) {
  const quote = (cell) => (cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return cells.map(quote).join(delimiter);
}
