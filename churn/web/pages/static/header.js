// Finds the header of a CSV, with its delimiter and row. The rules are those of churn/tables/csv_header.py; a test
// compares both.

import { cutRecords, decode, parseRecords } from "./csv.js";
import { isBlank, spellClean } from "./spelling.js";

const DELIMITERS = [",", ";", "\t"];
export const MOST_TITLE_ROWS = 10; // blank ones not counted
const SEPARATOR_LINE = /^(?:\xef\xbb\xbf)?"?sep=([,;\t|:])"?(?:\r\n|\r|\n)/i;
const SEPARATOR_LINE_BYTES = 16;

/** The number of the model's fields that a row names. The header is the row that names the most. */
export const countFields = (cells, fieldNames) => new Set(cells.map(spellClean).filter((name) => fieldNames.has(name))).size;

/**
 * The number of filled cells of a row. If no row names a field, the header is the first of the rows with the most
 * filled cells.
 */
export const countFilled = (cells) => cells.filter((cell) => !isBlank(cell)).length;

/**
 * The header in the first bytes of a CSV in UTF-8: the first row with the highest rating by `rate`. No row after a
 * `perfect` rating is tried. Null without any row. `last` is true if no bytes follow.
 *
 * `cells` are its names, `row` is its number in a spreadsheet, which hides Excel's `sep=` line. It ends at the byte
 * `end`, and `lines` counts its lines and those above it. `titleRows` counts the filled rows above it, and `preamble`
 * is the text above it, without rows if all of them are blank.
 */
export function findHeader(bytes, { rate, perfect, last }) {
  const separator = SEPARATOR_LINE.exec(String.fromCharCode(...bytes.subarray(0, SEPARATOR_LINE_BYTES)));
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const start = separator ? separator[0].length : hasMark ? 3 : 0;
  let [best, most] = [null, -1];
  for (const delimiter of separator ? [separator[1]] : DELIMITERS) {
    for (const header of firstRows(bytes, delimiter, { start, linesBefore: separator ? 1 : 0, last })) {
      const rating = rate(header.cells);
      if (rating > most) [best, most] = [header, rating];
      if (rating === perfect) break;
    }
  }
  return best;
}

/** The first rows, each described as if it were the header. */
function* firstRows(bytes, delimiter, { start, linesBefore, last }) {
  let [end, lines, row] = [start, linesBefore, 0];
  for (let titleRows = 0; titleRows <= MOST_TITLE_ROWS; titleRows++) {
    const cut = cutRecords(bytes.subarray(end), { delimiter: delimiter.charCodeAt(0), maxRows: 1, last });
    if (!cut.filled.length) return;
    const begin = end + cut.lastBegin;
    [end, lines, row] = [end + cut.end, lines + cut.lines, row + cut.rows];
    const [cells] = parseRecords(decode(bytes.subarray(begin, end)), delimiter);
    yield { delimiter, cells, row, end, lines, preamble: decode(bytes.subarray(0, titleRows ? begin : start)), titleRows };
  }
}
