// CSV as bytes: where its records end, and what is in them. Knows no customers and sends nothing.

const [LF, CR, QUOTE] = [10, 13, 34];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const startsWithMark = (bytes) => BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);

/**
 * Cuts whole records off the front of bytes, `maxRows` at most that are not blank.
 *
 * `last` says that nothing comes behind the bytes. Returns where the records end, how many lines and rows they have,
 * and which rows (from 0) are not blank. A quote may hold line ends, delimiters and doubled quotes.
 */
export function cutRecords(bytes, { delimiter, maxRows, last }) {
  const filled = [];
  let [end, lines, line, rows] = [0, 0, 0, 0];
  let [atStart, quoted, letters, others] = [true, false, false, false];
  const endRecord = (next) => {
    if (letters || (others && hasText(bytes.subarray(end, next), delimiter))) filled.push(rows);
    [end, lines, rows] = [next, line, rows + 1];
    [atStart, letters, others] = [true, false, false];
  };
  for (let at = startsWithMark(bytes) ? 3 : 0; at < bytes.length && filled.length < maxRows; at++) {
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
      else if (byte > 127) others = true;
      else if (byte > 32) letters = true;
      atStart = false;
    }
  }
  if (last && filled.length < maxRows && end < bytes.length) {
    line++;
    endRecord(bytes.length);
  }
  return { end, lines, rows, filled };
}

/** Whether a record of no plain letters has any text: spaces are many, beside the one of ASCII. */
function hasText(bytes, delimiter) {
  return parseRecords(new TextDecoder().decode(bytes), String.fromCharCode(delimiter)).length > 0;
}

/** The records of a text as lists of cells; records without any text are left out. */
export function parseRecords(text, delimiter) {
  const records = [];
  let [record, cell, quoted, started] = [[], "", false, false];
  const endRecord = () => {
    record.push(cell);
    if (record.some((one) => one.trim())) records.push(record);
    [record, cell, started] = [[], "", false];
  };
  for (let at = 0; at < text.length; at++) {
    const one = text[at];
    if (quoted) {
      if (one !== '"') cell += one;
      else if (text[at + 1] === '"') cell += text[at++];
      else quoted = false;
    } else if (one === '"' && !started) {
      [quoted, started] = [true, true];
    } else if (one === delimiter) {
      record.push(cell);
      [cell, started] = ["", false];
    } else if (one === "\n" || one === "\r") {
      endRecord();
    } else {
      cell += one;
      started = true;
    }
  }
  if (cell || record.length) endRecord();
  return records;
}
