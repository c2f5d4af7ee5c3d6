// A CSV as a table: its header, its form in words, and its rows in pieces, each as the bytes to send to the service.

import { cutRecords, decode, dropSurplus, parseRecords } from "./csv.js";
import { describeCsv } from "./detection.js";
import { nameEncoding } from "./encoding.js";
import { countFields, countFilled, findHeader } from "./header.js";
import { describeKind } from "./kind.js";
import { ScoredFile } from "./scored.js";
import { Source, findEncoding } from "./source.js";
import { isBlank } from "./spelling.js";
import { Stop } from "./stop.js";

const MOST_HEADER_BYTES = 256 * 1024;
const SAMPLE_BYTES = 256 * 1024;
const SAMPLE_ROWS = 1000;
const MOST_BLANK_ROWS = 20_000; // that the service skips
const TOO_LONG = "The file\u2019s first line is too long for a header. Is it a CSV?";

/**
 * The table in a text file, which is read once in full to find its encoding. Raises Stop, or the signal's AbortError.
 */
export async function openCsv(file, { isCompressed, fieldNames, signal }) {
  const codec = await findEncoding(file, { isCompressed, signal });
  const source = new Source(file, { isCompressed, codec });
  const { bytes, last } = await source.peek(MOST_HEADER_BYTES);
  const rate = (cells) => countFields(cells, fieldNames);
  const named = findHeader(bytes, { rate, perfect: fieldNames.size, last });
  const header = named && !rate(named.cells) ? findHeader(bytes, { rate: countFilled, last }) : named;
  if (!header) {
    throw new Stop(isBlank(decode(bytes).replace("\ufeff", "")) ? describeKind("empty") : TOO_LONG);
  }
  header.lineEnd = decode(bytes).match(/\r\n|\r|\n/)?.[0] ?? "\n";
  source.skip(header.end);
  return new CsvTable(source, header, nameEncoding(codec));
}

class CsvTable {
  scoredEnding = "csv";
  scoredType = "text/csv";
  decimalMark = null; // found by the service
  isAtEnd = false;
  #source;
  #header;
  #encoding;
  #linesBefore;
  #rowsBefore;

  constructor(source, header, encoding) {
    this.#source = source;
    this.#header = header;
    this.#encoding = encoding;
    [this.#linesBefore, this.#rowsBefore] = [header.lines, header.row];
  }

  get names() {
    return this.#header.cells;
  }

  get delimiter() {
    return this.#header.delimiter;
  }

  /** The share of the file that is done, 0 to 1. */
  get share() {
    return this.#source.share;
  }

  /** The first rows, which are not taken yet. */
  async sample() {
    const { bytes, last } = await this.#source.peek(SAMPLE_BYTES);
    return parseRecords(decode(bytes.subarray(0, this.#cut(bytes, SAMPLE_ROWS, last).end)), this.delimiter);
  }

  /** The form of the CSV in words. */
  describe() {
    const { delimiter, row, titleRows } = this.#header;
    return describeCsv({ encoding: this.#encoding, delimiter, decimalMark: this.decimalMark, row, titleRows });
  }

  /**
   * The next whole rows, at most `maxRows` filled ones in at most `room` bytes.
   *
   * `bytes` are their bytes, `records` their cells, `rows` their numbers in a spreadsheet; `place(line)` words the
   * place of a line of the bytes in the file. Raises Stop.
   */
  async take({ room, maxRows }) {
    let { bytes, last } = await this.#source.peek(room);
    let cut = this.#cut(bytes, maxRows, last);
    while (cut.end && !cut.filled.length && !(last && cut.end === bytes.length)) { // a long run of blank rows
      this.#leave(cut);
      ({ bytes, last } = await this.#source.peek(room));
      cut = this.#cut(bytes, maxRows, last);
    }
    if (!cut.end && bytes.length) {
      throw new Stop(`The row at line ${this.#linesBefore + 1} is too long. Is a quotation mark left open?`);
    }
    const piece = bytes.slice(0, cut.end);
    const [lines, rows] = [this.#linesBefore, this.#rowsBefore];
    this.isAtEnd = last && cut.end === bytes.length;
    this.#leave(cut);
    return {
      bytes: piece,
      records: parseRecords(decode(piece), this.delimiter).map((cells) => dropSurplus(cells, this.names.length)),
      rows: cut.filled.map((row) => rows + row + 1),
      place: (line) => `The CSV, line ${lines + line}`,
    };
  }

  /** The scored file, with only its header so far. */
  newOutput(columns) {
    return new ScoredFile(this.#header, columns);
  }

  close() {
    this.#source.close();
  }

  #leave({ end, lines, rows }) {
    this.#source.skip(end);
    this.#linesBefore += lines;
    this.#rowsBefore += rows;
  }

  #cut(bytes, maxRows, last) {
    return cutRecords(bytes, { delimiter: this.delimiter.charCodeAt(0), maxRows, maxBlank: MOST_BLANK_ROWS, last });
  }
}
