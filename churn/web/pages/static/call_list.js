// The call list: the customers to call, highest expected gain first. The page shows the first of them, the files have
// all.

import { Money, Percent } from "./cells.js";
import { writeRecord } from "./csv.js";
import { byId, make } from "./elements.js";
import { findIdentifying } from "./list_columns.js";
import { extendOnPaper } from "./paper.js";
import { wordReason } from "./reason_words.js";
import { Stop } from "./stop.js";
import { count, cut, eventWords, inPercent, sentence, spellCents } from "./words.js";
import { WORKBOOK_TYPE, WorkbookWriter } from "./workbook_writer.js";

const SHOWN = 10;
const PIECE_ROWS = 5_000;
const MOST_ROWS = 1_048_575; // of a sheet, below its header
const STARTS_A_FORMULA = /^[=+\-@\t\r]/; // the rule of churn/tables/answer_cells.py
const LINE_END = "\r\n";
const listFigures = () => ["Row", sentence(eventWords().risk), "Expected gain"];

/**
 * The customers of a view to call. `form` words their reasons; `name` is the name of the files, without an ending.
 */
export class CallList {
  #view;
  #form;
  #name;
  #places;
  #called = new Uint32Array();
  #gains = null;

  constructor(view, { form, name, signal }) {
    [this.#view, this.#form, this.#name] = [view, form, name];
    this.#places = findIdentifying(view);
    byId("calls-workbook").addEventListener("click", () => this.#download("xlsx", () => this.writeWorkbook()), { signal });
    const findShown = () => ({ start: 0, end: Math.min(this.#called.length, SHOWN), length: this.#called.length });
    extendOnPaper(byId("calls-table"), { findShown, drawRow: (place) => this.#drawRow(this.#called[place]), signal });
    byId("calls-csv").addEventListener("click", () => this.#download("csv", () => this.writeCsv()), { signal });
  }

  /** Shows the `called` customers, in the order of the calls. `gains` has a number for each customer of the view. */
  show(called, gains) {
    [this.#called, this.#gains] = [called, gains];
    byId("calls").hidden = called.length === 0;
    byId("calls-problem").hidden = true;
    const first = called.length > SHOWN ? [make("span", { className: "on-screen" }, `The first ${SHOWN} of `)] : [];
    byId("calls-hint").replaceChildren(...first, `${count(called.length, "customer")}, the highest expected gain first.`);
    const own = this.#places.map((place) => this.#view.customers.columns[place].name);
    const drawHead = (className) => (words) => make("th", { scope: "col", className }, words);
    const heads = [...own.map(drawHead("")), ...listFigures().map(drawHead("figure")), drawHead("")("Strongest reasons")];
    byId("calls-table").style.setProperty("--columns", heads.length - 1); // as in customer_table.js
    byId("calls-table").tHead.replaceChildren(make("tr", {}, ...heads));
    byId("calls-table").tBodies[0].replaceChildren(...Array.from(called.subarray(0, SHOWN), (customer) => this.#drawRow(customer)));
  }

  #drawRow(customer) {
    const { own, row, probability, gain, reasons } = this.#describe(customer, this.#gains);
    const list = make("ul", {}, ...reasons.map((words) => make("li", {}, words)));
    const figures = [String(row), `${inPercent(probability)}\u00a0%`, spellCents(gain)];
    const drawCell = (className) => (cell) => make("td", { className }, cell);
    return make("tr", {}, ...own.map((cell) => drawCell("")(cut(cell))), ...figures.map(drawCell("figure")), drawCell("")(list));
  }

  #describe(customer, gains) {
    const { columns, rows, probabilities } = this.#view.customers;
    const probability = probabilities[customer];
    const reasons = this.#view.customers.reasonsOf(customer).map((reason) => wordReason(reason, probability, this.#form));
    return { own: this.#places.map((place) => columns[place].at(customer)), row: rows[customer], probability, gain: gains[customer], reasons };
  }

  /** The names of the files' columns. `reasons` is the number of columns for reasons. */
  #listHeads(reasons) {
    const own = this.#places.map((place) => this.#view.customers.columns[place].name);
    return [...own, ...listFigures(), ...Array.from({ length: reasons }, (_, number) => `Reason ${number + 1}`)];
  }

  get #mostReasons() {
    return this.#called.reduce((most, customer) => Math.max(most, this.#view.customers.reasonsOf(customer).length), 0);
  }

  /** The list as a CSV, as texts, with the delimiter and the decimal mark of the scored file. */
  async writeCsv() {
    const [called, gains] = [this.#called, this.#gains]; // those of now: the form may change while the file is written
    const { delimiter } = this.#view.customers;
    const mark = findWrittenMark(this.#view.customers);
    const spell = (number) => String(number).replace(".", mark);
    const writeLine = (cells) => writeRecord(cells, delimiter) + LINE_END;
    const parts = [writeLine(this.#listHeads(this.#mostReasons))];
    for (let at = 0; at < called.length; at += PIECE_ROWS) {
      const lines = Array.from(called.subarray(at, at + PIECE_ROWS), (customer) => {
        const { own, row, probability, gain, reasons } = this.#describe(customer, gains);
        return writeLine([...own, String(row), spell(probability), spell(gain), ...reasons.map(disarm)]);
      });
      parts.push(lines.join(""));
      await new Promise((resume) => setTimeout(resume)); // lets the page respond
    }
    if (parts.some((part) => /[^\0-\x7f]/.test(part))) parts.unshift("\ufeff"); // without a byte order mark, Excel misreads letters beyond ASCII
    return { parts, type: "text/csv" };
  }

  /**
   * The list as a workbook, as Blobs. A cell that is plainly a number in the file is a number here. Raises Stop for
   * too many rows.
   */
  async writeWorkbook() {
    const [called, gains] = [this.#called, this.#gains];
    if (called.length > MOST_ROWS) throw new Stop(`An Excel sheet holds at most ${count(MOST_ROWS, "customer")}: download the .csv instead.`);
    const writer = new WorkbookWriter({ name: "Calls", heads: this.#listHeads(this.#mostReasons) });
    for (let at = 0; at < called.length; at += PIECE_ROWS) {
      const rows = Array.from(called.subarray(at, at + PIECE_ROWS), (customer) => {
        const { row, probability, gain, reasons } = this.#describe(customer, gains);
        return [...this.#places.map((place) => this.#typeCell(place, customer)), row, new Percent(probability), new Money(gain), ...reasons];
      });
      await writer.add(rows);
      await new Promise((resume) => setTimeout(resume));
    }
    return { parts: await writer.finish(), type: WORKBOOK_TYPE };
  }

  /** A cell as a number if it is spelled exactly as that number: 42 is a number, 0042 a text. */
  #typeCell(place, customer) {
    const text = this.#view.customers.columns[place].at(customer);
    const number = this.#view.numbersOf(place)?.[customer];
    return String(number) === text ? number : text;
  }

  async #download(ending, write) {
    byId("calls-problem").hidden = true;
    try {
      const { parts, type } = await write();
      const address = URL.createObjectURL(new Blob(parts, { type }));
      make("a", { href: address, download: `${this.#name}.${ending}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may ask first where to save the file
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      byId("calls-problem").textContent = error.message;
      byId("calls-problem").hidden = false;
    }
  }
}

/** The decimal mark of the answer's numbers in the scored file; the rule of churn/tables/csv_form.py. */
function findWrittenMark({ delimiter, decimalMark }) {
  if (delimiter === "," || decimalMark === "point") return ".";
  return decimalMark === "comma" || delimiter === ";" ? "," : ".";
}

/** The text, spelled so that no spreadsheet reads it as a formula. */
const disarm = (text) => (STARTS_A_FORMULA.test(text) ? `'${text}` : text);
