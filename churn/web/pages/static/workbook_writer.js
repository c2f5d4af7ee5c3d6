// Writes a workbook of one sheet: a header that stays in sight, filters, rows. Numbers are written as numbers, texts
// always as texts and never as formulas or links.

import { CellError, Moment, Money, Percent, spellCell } from "./cells.js";
import { Stop } from "./stop.js";
import { SPREADSHEET, STYLES, XML_BEGIN, describeBook, escapeXml } from "./workbook_parts.js";
import { ZipFile, listFiles } from "./zip_writer.js";

export const SAVE_AS_CSV = "Save it as CSV UTF-8, then try again.";
export const WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const LONGEST_TEXT = 32_767; // letters of a cell in Excel
const LONGEST_NAME = 31; // letters of a sheet
const LARGEST_NUMBER = 9.99999999999999e307;
const ERRORS = ["#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"]; // those that every version of Excel knows
const STARTS_A_FORMULA = /^[=+\-@\t\r]/;
const [NARROWEST, WIDEST] = [10, 40]; // letters of a column

export class WorkbookWriter {
  #sheet = new ZipFile("xl/worksheets/sheet1.xml");
  #name;
  #from1904;
  #width;
  #row = 0;
  #headerRow;
  #written = Promise.resolve();

  /** Begins the sheet `name`: the rows of cells of its `title`, then its column names `heads`. */
  constructor({ name, from1904 = false, title = [], heads }) {
    [this.#name, this.#from1904] = [spellName(name), from1904];
    [this.#headerRow, this.#width] = [title.length + 1, heads.length];
    const rows = [...title.map((cells) => this.#writeRow(cells)), this.#writeRow(heads, "header")];
    this.#write(`${XML_BEGIN}<worksheet xmlns="${SPREADSHEET}">${this.#describeView(heads)}<sheetData>${rows.join("")}`);
  }

  /** Writes rows of cells. Resolves when they are written. */
  add(rows) {
    return this.#write(rows.map((cells) => this.#writeRow(cells)).join(""));
  }

  /** The file's parts. */
  async finish() {
    const range = `A${this.#headerRow}:${nameColumn(this.#width - 1)}${this.#row}`;
    this.#write(`</sheetData><autoFilter ref="${range}"/></worksheet>`);
    await this.#written;
    const files = [await this.#sheet.finish()];
    for (const [name, text] of describeBook({ name: this.#name, range, from1904: this.#from1904 })) {
      const file = new ZipFile(name);
      await file.write(text);
      files.push(await file.finish());
    }
    return listFiles([...files.slice(1), files[0]]);
  }

  #write(text) {
    this.#written = this.#written.then(() => this.#sheet.write(text));
    this.#written.catch(() => {}); // finish raises the error
    return this.#written;
  }

  #describeView(heads) {
    const below = `A${this.#headerRow + 1}`;
    const pane = `<pane ySplit="${this.#headerRow}" topLeftCell="${below}" activePane="bottomLeft" state="frozen"/>`;
    const columns = heads.map((head, column) => {
      const width = Math.min(Math.max(head.length + 4, NARROWEST), WIDEST);
      return `<col min="${column + 1}" max="${column + 1}" width="${width}" customWidth="1"/>`;
    });
    const view = `<sheetView workbookViewId="0" tabSelected="1">${pane}</sheetView>`;
    return `<sheetViews>${view}</sheetViews><cols>${columns.join("")}</cols>`;
  }

  #writeRow(cells, style) {
    this.#row++;
    let written = "";
    for (const [column, cell] of cells.entries()) {
      if (cell !== null && cell !== "") written += this.#writeCell(cell, nameColumn(column) + this.#row, style);
    }
    return `<row r="${this.#row}">${written}</row>`;
  }

  #writeCell(cell, place, style) {
    if (typeof cell === "string") return this.#writeText(cell, place, style);
    if (typeof cell === "boolean") return `<c r="${place}" t="b"><v>${cell ? 1 : 0}</v></c>`;
    if (typeof cell === "number") return this.#writeNumber(cell, place, "plain");
    if (cell instanceof Percent) return this.#writeNumber(cell.value, place, "percent");
    if (cell instanceof Money) return this.#writeNumber(cell.value, place, "money");
    if (cell instanceof Moment && cell.serial !== null) return this.#writeNumber(cell.serial, place, cell.kind);
    if (!(cell instanceof CellError)) return this.#writeText(spellCell(cell), place);
    return `<c r="${place}" t="e"><v>${ERRORS.includes(cell.code) ? cell.code : "#VALUE!"}</v></c>`;
  }

  #writeNumber(number, place, style) {
    if (Math.abs(number) > LARGEST_NUMBER) throw new Stop(`The workbook, cell ${place}: it has more than 308 digits.`);
    return `<c r="${place}" s="${STYLES.indexOf(style)}"><v>${number}</v></c>`;
  }

  #writeText(text, place, style = STARTS_A_FORMULA.test(text) ? "formula" : "plain") {
    if (text.length > LONGEST_TEXT) {
      throw new Stop(`The workbook, cell ${place}: it has more than 32,767 characters, the most of a cell. ${SAVE_AS_CSV}`);
    }
    const spelled = escapeXml(spellText(text));
    return `<c r="${place}" s="${STYLES.indexOf(style)}" t="inlineStr"><is><t xml:space="preserve">${spelled}</t></is></c>`;
  }
}

/** The letters of a column, counted from 0, in a spreadsheet. */
export function nameColumn(column) {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : nameColumn(Math.floor(column / 26) - 1) + last;
}

/** A sheet's name in a spelling that Excel accepts, even if another program accepted more. */
const spellName = (name) => name.replace(/[[\]:*?/\\]|^'|'$/g, "_").slice(0, LONGEST_NAME).toWellFormed() || "customers";

/**
 * A text as a workbook spells it, with a replacement mark for half characters; the rule of churn/workbooks/cells.py.
 */
function spellText(text) {
  const escape = (letter) => `_x${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
  return text.toWellFormed().replace(/_(?=x[0-9A-Fa-f]{4}_)|[\0-\x08\x0b-\x1f\ufffe\uffff]/g, escape);
}
