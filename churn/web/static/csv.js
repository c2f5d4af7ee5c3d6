// CSV as bytes: where its records end, and what is in them. Knows no customers and sends nothing.

const [LF, CR, QUOTE] = [10, 13, 34];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const startsWithMark = (bytes) => BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);

/**
 * Cuts whole records off the front of bytes, `maxRows` at most that are not blank.
 *
 * `last` says that nothing comes behind the bytes, `without` which columns to leave out: { first, last }, from 1.
 * Returns where the records end, how many lines and rows they have, which rows (from 0) are not blank, and `parts`,
 * the records' bytes without these columns. A quote may hold line ends, delimiters and doubled quotes.
 */
export function cutRecords(bytes, { delimiter, maxRows, last, without = null }) {
  const [filled, parts] = [[], []];
  const start = startsWithMark(bytes) ? 3 : 0;
  let [end, lines, line, rows, kept] = [0, 0, 0, 0, 0];
  let [atStart, quoted, blank, edges] = [true, false, true, [start]];
  const endRecord = (at, next) => {
    if (!blank) filled.push(rows);
    const cut = without && placeOf(without, [...edges, at]);
    if (cut) {
      parts.push(bytes.subarray(kept, cut.from));
      kept = cut.to;
    }
    [end, lines, rows, edges] = [next, line, rows + 1, [next]];
    [atStart, blank] = [true, true];
  };
  for (let at = start; at < bytes.length && filled.length < maxRows; at++) {
    const byte = bytes[at];
    const endsLine = byte === LF || (byte === CR && bytes[at + 1] !== LF);
    if (endsLine) line++;
    if (quoted) {
      if (byte === QUOTE && bytes[at + 1] === QUOTE) at++;
      else if (byte === QUOTE) quoted = false;
      else if (byte > 32) blank = false;
    } else if (endsLine) {
      if (byte === CR && at + 1 === bytes.length && !last) break; // its LF may come
      endRecord(byte === LF && bytes[at - 1] === CR ? at - 1 : at, at + 1);
    } else if (byte === delimiter) {
      edges.push(at);
      atStart = true;
    } else {
      quoted = byte === QUOTE && atStart;
      atStart = false;
      if (byte > 32 && !quoted) blank = false;
    }
  }
  if (last && filled.length < maxRows && end < bytes.length) {
    line++;
    endRecord(bytes.length, bytes.length);
  }
  parts.push(bytes.subarray(kept, end));
  return { end, lines, rows, filled, parts };
}

/**
 * Which bytes of a record are the columns `first` to `last`, a delimiter at them included; null for none, or for all.
 *
 * `edges` is where the record begins, then where each of its cells ends.
 */
function placeOf({ first, last }, edges) {
  const cells = edges.length - 1;
  const lastHere = Math.min(last, cells);
  if (cells < first || (first === 1 && lastHere === cells)) return null;
  return first > 1 ? { from: edges[first - 1], to: edges[lastHere] } : { from: edges[0], to: edges[lastHere] + 1 };
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
