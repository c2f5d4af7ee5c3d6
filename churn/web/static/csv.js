// CSV as bytes: where its records end, and what is in them. Knows no customers and sends nothing.

const [LF, CR, QUOTE] = [10, 13, 34];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const startsWithMark = (bytes) => BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);

/**
 * Cuts whole records off the front of bytes, `maxRows` at most that are not blank.
 *
 * `last` says that nothing comes behind the bytes. Returns where the records end, how many lines they have and on
 * which line (from 0) each that is not blank begins. A quote may hold line ends, delimiters and doubled quotes.
 */
export function cutRecords(bytes, { delimiter, maxRows, last }) {
  const begins = [];
  let [end, lines, line, began] = [0, 0, 0, 0];
  let [atStart, quoted, blank] = [true, false, true];
  for (let at = startsWithMark(bytes) ? 3 : 0; at < bytes.length && begins.length < maxRows; at++) {
    const byte = bytes[at];
    const endsLine = byte === LF || (byte === CR && bytes[at + 1] !== LF);
    if (endsLine) line++;
    if (quoted) {
      if (byte === QUOTE && bytes[at + 1] === QUOTE) at++;
      else if (byte === QUOTE) quoted = false;
      else if (byte > 32) blank = false;
    } else if (endsLine) {
      if (byte === CR && at + 1 === bytes.length && !last) break; // its LF may come
      if (!blank) begins.push(began);
      [end, lines, began] = [at + 1, line, line];
      [atStart, blank] = [true, true];
    } else if (byte === delimiter) {
      atStart = true;
    } else {
      quoted = byte === QUOTE && atStart;
      atStart = false;
      if (byte > 32 && !quoted) blank = false;
    }
  }
  if (last && begins.length < maxRows && end < bytes.length) {
    if (!blank) begins.push(began);
    [end, lines] = [bytes.length, line + 1];
  }
  return { end, lines, begins };
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
