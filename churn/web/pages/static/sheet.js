// Reads the rows of a worksheet from its XML, an element at a time: the place and the type of each cell. A cell that
// shows an error, or a formula without a calculated value, is a CellError and never a blank. The rules are those of
// churn/workbooks/rows.py.

import { LONG_TEXT, MOST_LETTERS, NAMESPACES, readElements } from "./book.js";
import { CellError, MOST_COLUMNS, MOST_ROWS, NO_VALUE, readColumn, readError, readIso, readNumberCell, readText } from "./cells.js";
import { damaged, refused, tooLarge } from "./damage.js";

const MOST_CELLS = 100_000_000; // empty ones included
const MOST_MERGED = 10_000;
const MOST_ROW_BYTES = 4 * 1024 * 1024;
const MOST_REPEATED_RATIO = 10; // letters of shared texts for each byte of the sheet, past the next number
const ALWAYS_REPEATED = 64 * 1024 * 1024;
const MOST_REPEATED = 2 ** 31 - 1;
const RANGE = /^\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?$/;
const BOOLEANS = { __proto__: null, 1: true, true: true, 0: false, false: false };

/**
 * The filled rows of a sheet, in order, several at a time: { number, cells }. The cells end with the last filled one.
 */
export async function* readRows(parts, part, book, reader = new RowsReader(book)) {
  let [rowBytes, rowsBegun] = [0, 0];
  for await (const bytes of readElements(parts, part, reader)) {
    reader.readBytes += bytes;
    rowBytes = reader.rowsBegun === rowsBegun ? rowBytes + bytes : bytes;
    rowsBegun = reader.rowsBegun;
    checkTexts(reader);
    if (reader.isInRow && rowBytes > MOST_ROW_BYTES) throw tooLarge("a row has more than 4,194,304 bytes", reader.number);
    if (reader.rows.length) yield reader.rows.splice(0);
  }
}

/** Raises Stop if the cells refer to far more text than the sheet has bytes. */
function checkTexts({ sharedLetters, readBytes, number }) {
  const most = Math.min(MOST_REPEATED, Math.max(ALWAYS_REPEATED, MOST_REPEATED_RATIO * readBytes));
  if (sharedLetters <= most) return;
  throw tooLarge(`its cells repeat texts, to more than ${most.toLocaleString("en")} characters in all`, number);
}

/** Raises Stop if cells in or below the header are merged: all but one of them would be blank. */
export function checkMerged(merged, headerRow) {
  for (const range of merged) {
    const found = RANGE.exec(range);
    if (!found) throw damaged("its merged cells have no valid place");
    const [first, last] = [Number(found[2]), Number(found[4] ?? found[2])];
    if (last >= headerRow) throw refused(`the cells ${range} are merged into one; unmerge them and fill each`, Math.max(first, headerRow));
  }
}

/**
 * Makes rows of a sheet's elements. `rows` are the new rows, `number` is the present row's, `readBytes` counts the
 * bytes read. `hiddenRows` counts the filled rows that a user does not see, `sharedLetters` the letters of shared
 * texts, once for each use.
 */
export class RowsReader {
  rows = [];
  readBytes = 0;
  merged = [];
  number = 0;
  rowsBegun = 0;
  hiddenRows = 0;
  sharedLetters = 0;
  isInRow = false;
  #book;
  #depth = 0;
  #space = "";
  #rowText = "";
  #isHidden = false;
  #cells = [];
  #cellCount = 0;
  #columns = new Map();
  #column = -1;
  #type = "";
  #style = undefined;
  #text = "";
  #hasFormula = false;
  #hasValue = false;
  #takesText = false;
  #isPhonetic = false;

  constructor(book) {
    this.#book = book;
  }

  start(name, attributes) {
    if (++this.#depth === 1) {
      const space = NAMESPACES.find((known) => name === `${known} worksheet`);
      if (!space) throw damaged("its sheet is not a worksheet");
      this.#space = `${space} `;
      return;
    }
    switch (this.#localName(name)) {
      case "c":
        this.#column = this.#findColumn(attributes.r);
        [this.#type, this.#style, this.#text] = [attributes.t ?? "n", attributes.s, ""];
        this.#hasFormula = this.#hasValue = false;
        break;
      case "v":
      case "t":
        this.#hasValue = true;
        this.#takesText = !this.#isPhonetic;
        break;
      case "f":
        this.#hasFormula = true;
        break;
      case "row":
        this.#beginRow(attributes);
        break;
      case "rPh":
        this.#isPhonetic = true;
        break;
      case "mergeCell":
        this.merged.push((attributes.ref ?? "").slice(0, 40));
        if (this.merged.length > MOST_MERGED) throw tooLarge("it has more than 10,000 groups of merged cells");
    }
  }

  text(text) {
    if (!this.#takesText) return;
    this.#text += text;
    if (this.#text.length > MOST_LETTERS) throw tooLarge(LONG_TEXT, this.number);
  }

  end(name) {
    this.#depth--;
    switch (this.#localName(name)) {
      case "v":
      case "t":
        this.#takesText = false;
        break;
      case "c":
        this.#endCell();
        break;
      case "row":
        this.#endRow();
        break;
      case "rPh":
        this.#isPhonetic = false;
    }
  }

  #localName(name) {
    return name.startsWith(this.#space) ? name.slice(this.#space.length) : "";
  }

  #beginRow({ r: text = String(this.number + 1), hidden }) {
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    if (!(number > this.number && number <= MOST_ROWS)) throw damaged("its rows are not in order", this.number);
    [this.#rowText, this.number, this.isInRow] = [text, number, true];
    this.rowsBegun++;
    this.#isHidden = BOOLEANS[hidden] === true;
    [this.#column, this.#cells] = [-1, []];
  }

  #endRow() {
    this.isInRow = false;
    this.#cellCount += this.#column + 1;
    if (this.#cellCount > MOST_CELLS) throw tooLarge("it has more than 100,000,000 cells", this.number);
    if (!this.#cells.length) return;
    this.rows.push({ number: this.number, cells: this.#cells });
    if (this.#isHidden) this.hiddenRows++;
  }

  /** The column of a cell, from 0. It must be to the right of the last cell. */
  #findColumn(reference) {
    let column = this.#column + 1;
    if (reference !== undefined) {
      const letters = reference.replace(/[0-9]+$/, "");
      column = this.#columns.get(letters) ?? this.#readLetters(letters);
      if (column <= this.#column || reference.slice(letters.length) !== this.#rowText) throw damaged("its cells are not in order", this.number);
    }
    if (column >= MOST_COLUMNS || !this.isInRow) throw damaged("a cell is outside the sheet", this.number);
    return column;
  }

  #readLetters(letters) {
    const column = readColumn(letters);
    if (column === null) throw damaged("a cell has no valid place", this.number);
    this.#columns.set(letters, column);
    return column;
  }

  #endCell() {
    const value = this.#readCell();
    if (value === null) return;
    while (this.#cells.length < this.#column) this.#cells.push(null);
    this.#cells.push(value);
  }

  #readCell() {
    const [kind, text, book] = [this.#type, this.#text, this.#book];
    if (kind === "e") return readError(text.trim());
    if (this.#hasFormula && (book.recalculates || !this.#hasValue || (!text && kind !== "str"))) return NO_VALUE;
    if (kind === "s" && text) return this.#findText(text) || null;
    if (kind === "str" || kind === "inlineStr") return readText(text) || null;
    if (!text) return null;
    if (kind === "n") return readNumberCell(text, book.formats.get(this.#style), book.from1904);
    if (kind === "b") return BOOLEANS[text.trim()] ?? new CellError("neither true nor false");
    return kind === "d" ? readIso(text) : new CellError("a cell of an unknown kind");
  }

  #findText(number) {
    const text = /^[0-9]{1,9}$/.test(number) ? this.#book.texts[Number(number)] : undefined;
    if (text === undefined) throw damaged("a text of a cell is missing", this.number);
    this.sharedLetters += text.length;
    return text;
  }
}
