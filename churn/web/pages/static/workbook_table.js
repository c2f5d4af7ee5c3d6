// A sheet of a workbook as a table: its header, its form in words, and its rows in pieces, each as CSV to send to the
// service. The workbook itself is not sent.

import { openArchive } from "./archive.js";
import { readBook } from "./book.js";
import { CellError, spellCell, spellSurely } from "./cells.js";
import { dropSurplus, writeRecord } from "./csv.js";
import { refused } from "./damage.js";
import { concatBytes } from "./encoding.js";
import { MOST_TITLE_ROWS, countFields, countFilled } from "./header.js";
import { ScoredWorkbook } from "./scored_workbook.js";
import { RowsReader, checkMerged, readRows } from "./sheet.js";
import { isBlank } from "./spelling.js";
import { Stop } from "./stop.js";
import { WORKBOOK_TYPE } from "./workbook_writer.js";

const SAMPLE_ROWS = 1000;
const LONGEST_NAME = 1000; // letters of a column's name, as in churn/workbooks/header.py

/**
 * The table in a workbook's only sheet, or in the one of several that `chooseSheet` returns.
 *
 * Raises Stop, or the signal's AbortError.
 */
export async function openWorkbook(file, { fieldNames, chooseSheet, signal }) {
  const parts = await openArchive(file, signal);
  const book = await readBook(parts);
  const visible = book.sheets.filter(({ isVisible }) => isVisible);
  const sheets = visible.length ? visible : book.sheets;
  const sheet = sheets.length === 1 ? sheets[0] : sheets[await chooseSheet(sheets.map(({ name }) => name))];
  const others = sheets.filter((other) => other !== sheet).map(({ name }) => `'${name}'`);
  const table = new WorkbookTable(parts, book, sheet, others);
  await table.findHeader(fieldNames);
  return table;
}

class WorkbookTable {
  scoredEnding = "xlsx";
  scoredType = WORKBOOK_TYPE;
  delimiter = ",";
  isAtEnd = false;
  #book;
  #sheet;
  #others;
  #part;
  #reader;
  #pieces;
  #waiting = [];
  #isRead = false;
  #title = [];
  #header = null;
  #rowsTaken = 0;

  /** `others` are the names of the sheets that could be chosen instead. */
  constructor(parts, book, sheet, others) {
    this.#others = others;
    [this.#book, this.#sheet, this.#part] = [book, sheet, parts.get(sheet.part)];
    this.#reader = new RowsReader(book);
    this.#pieces = readRows(parts, sheet.part, book, this.#reader);
  }

  /**
   * Takes the rows down to the header: the first row that names the most fields or, if none names any, the first of
   * the rows with the most filled cells.
   */
  async findHeader(fieldNames) {
    await this.#fill(MOST_TITLE_ROWS + 1);
    const rows = this.#waiting.slice(0, MOST_TITLE_ROWS + 1);
    if (!rows.length) {
      const choice = this.#others.length ? `, or choose another: ${this.#others.join(", ")}` : "";
      throw new Stop(`Its worksheet '${this.#sheet.name}' is empty; it needs a header row${choice}.`);
    }
    const hasLongName = ({ texts }) => texts.some((text) => text.length > LONGEST_NAME);
    const named = rows.map((row) => (hasLongName(row) ? 0 : countFields(row.texts, fieldNames)));
    const ratings = named.some(Boolean) ? named : rows.map((row) => (hasLongName(row) ? 0 : countFilled(row.texts)));
    const place = ratings.indexOf(Math.max(...ratings));
    if (hasLongName(rows[place])) {
      throw refused("a column\u2019s name has more than 1,000 characters; give a sheet with a header row", rows[place].number);
    }
    [this.#title, this.#header] = [rows.slice(0, place), rows[place]];
    this.#waiting.splice(0, place + 1);
  }

  /** The number of filled rows read so far that a user does not see. */
  get hiddenRows() {
    return this.#reader.hiddenRows;
  }

  get names() {
    return this.#header.texts;
  }

  /** The decimal mark for the service: numbers have points, and each text is read by itself. */
  get decimalMark() {
    return "each";
  }

  set decimalMark(_) {} // the mark that the service finds does not matter

  /** The share of the sheet that is done, 0 to 1. */
  get share() {
    const { number, readBytes } = this.#reader;
    const read = Math.min(readBytes / (this.#part.bytes || 1), 1);
    return this.isAtEnd ? 1 : read * (this.#rowsTaken / Math.max(number, 1));
  }

  /** The first rows, which are not taken yet. */
  async sample() {
    await this.#fill(SAMPLE_ROWS);
    return this.#waiting.slice(0, SAMPLE_ROWS).map(({ texts }) => texts);
  }

  describe() {
    const title = this.#title.length ? " below a title" : "";
    return `worksheet '${this.#sheet.name}' of an Excel workbook, header in row ${this.#header.number}${title}`;
  }

  /**
   * The next rows, in the form of a CSV's take. `cells` are their cells as the workbook has them; `errors` has the {
   * column, problem }s of each row's cells that are errors.
   */
  async take({ room, maxRows }) {
    const piece = { records: [], cells: [], rows: [], errors: [] };
    const [lines, encoder] = [[], new TextEncoder()];
    let bytes = 0;
    while (piece.rows.length < maxRows && (await this.#fill(1))) {
      const [{ number, cells: all, texts }] = this.#waiting;
      const own = dropSurplus(texts, this.names.length);
      const cells = all.slice(0, own.length);
      const blanks = Array(Math.max(this.names.length - own.length, 0)).fill("");
      const padded = [...own, ...blanks];
      const line = encoder.encode(`${writeRecord([...cells.map(spellSurely), ...blanks], this.delimiter)}\r\n`);
      if (bytes + line.length > room) break;
      this.#waiting.shift();
      bytes += line.length;
      lines.push(line);
      piece.records.push(padded);
      piece.cells.push(cells);
      piece.rows.push(number);
      piece.errors.push(findErrors(cells));
    }
    this.isAtEnd = !(await this.#fill(1));
    if (!lines.length && !this.isAtEnd) throw new Stop(`The workbook, row ${this.#waiting[0].number}: it is too long.`);
    if (this.isAtEnd) checkMerged(this.#reader.merged, this.#header.number);
    this.#rowsTaken = piece.rows.at(-1) ?? this.#rowsTaken;
    const { rows } = piece;
    return { ...piece, bytes: concatBytes(lines), place: () => `The workbook, rows ${rows[0]} to ${rows.at(-1)}` };
  }

  /** The scored workbook, with only its title and header so far. */
  newOutput(columns) {
    const { name } = this.#sheet;
    return new ScoredWorkbook({ title: this.#title, header: this.#header, name, from1904: this.#book.from1904 }, columns);
  }

  close() {
    this.#pieces.return().catch(() => {}); // a broken file rejects
  }

  /** Reads until `count` rows wait, or the sheet ends. Returns true if any row waits. Blank rows are skipped. */
  async #fill(count) {
    while (this.#waiting.length < count && !this.#isRead) {
      const { value, done } = await this.#pieces.next();
      this.#isRead = Boolean(done);
      for (const { number, cells } of value ?? []) {
        const texts = cells.map(spellCell);
        if (!texts.every(isBlank)) this.#waiting.push({ number, cells, texts });
      }
    }
    return this.#waiting.length > 0;
  }
}

const findErrors = (cells) => cells.flatMap((cell, column) => (cell instanceof CellError ? [{ column, problem: cell.problem }] : []));
