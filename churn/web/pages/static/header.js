// The header of a CSV: with which delimiter, in which row. The rules of churn/tables/csv_header.py, held to it by a test.

import { cutRecords, decode, parseRecords } from "./csv.js";
import { isBlank, spellClean } from "./spelling.js";

const DELIMITERS = [",", ";", "\t"];
export const MOST_TITLE_ROWS = 10; // blank ones not counted
const SEPARATOR_LINE = /^(?:\xef\xbb\xbf)?"?sep=([,;\t|:])"?(?:\r\n|\r|\n)/i;
const SEPARATOR_LINE_BYTES = 16;

/** How many of the model's fields a row names: so a header is told from other rows. */
export const countFields = (cells, fieldNames) => new Set(cells.map(spellClean).filter((name) => fieldNames.has(name))).size;

/** How many cells of a row are filled: where all columns are called otherwise, the header is the first of the widest. */
export const countFilled = (cells) => cells.filter((cell) => !isBlank(cell)).length;

/**
 * The header in the first bytes of a CSV in UTF-8: the first row that `rate` gives the most, or no row after one that is
 * given `perfect`; null without any row. `last` says that the bytes are all there are.
 *
 * `cells` are its names, `row` its row as a spreadsheet counts, which hides Excel's `sep=` line; it is over at the byte
 * `end` and has `lines` lines, those above it included. `preamble` is what stands above it, but for rows that are all
 * blank, and `titleRows` of that are filled.
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

/** The first rows, each as if it were the header. */
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
