// The scored customers of a list, by column. They are only in this page's memory and end with it.

import { spellClean, strip } from "./spelling.js";

const FIRST_ROOM = 1024;

/** A growing array of numbers: a typed array `Kind` that is copied into a larger one when it is full. */
class Numbers {
  #all;
  length = 0;

  constructor(Kind) {
    this.#all = new Kind(FIRST_ROOM);
  }

  push(number) {
    if (this.length === this.#all.length) {
      const larger = new this.#all.constructor(2 * this.length);
      larger.set(this.#all);
      this.#all = larger;
    }
    this.#all[this.length++] = number;
  }

  /** The numbers so far, as a view and not a copy. */
  get values() {
    return this.#all.subarray(0, this.length);
  }
}

/** A list of texts that keeps each different text once: `codes` has the place in `texts` for each. */
class Texts {
  texts = [];
  #codes = new Numbers(Uint32Array);
  #known = new Map();

  push(text) {
    let code = this.#known.get(text);
    if (code === undefined) {
      code = this.texts.length;
      this.#known.set(text, code);
      this.texts.push(text);
    }
    this.#codes.push(code);
  }

  get codes() {
    return this.#codes.values;
  }

  at(number) {
    return this.texts[this.#codes.values[number]];
  }
}

/**
 * A column of the file: its `name`, the model's `field` that it holds (null for one of the user's own), and its
 * cells.
 */
class Column extends Texts {
  constructor(name, field) {
    super();
    this.name = name;
    this.field = field;
  }
}

/**
 * Customers with their answers, numbered from 0 in the order of the file, without the refused rows.
 *
 * `columns` are the file's, except those of an earlier answer. `probabilities` are 0 to 1, `rows` are row numbers of
 * a spreadsheet, `leaving` is 1 for a customer whose probability reaches the service's threshold. `decimalMark` is
 * that of the file's numbers, a value of X-Decimal-Mark or "each", and `delimiter` the file's.
 */
export class Customers {
  columns;
  decimalMark = null;
  delimiter = ",";
  #columnNumbers;
  #rows = new Numbers(Uint32Array);
  #probabilities = new Numbers(Float64Array);
  #leaving = new Numbers(Uint8Array);
  #reasons = new Texts();
  #contributions = new Numbers(Float64Array);
  #reasonEnds = new Numbers(Uint32Array);

  /**
   * `names` are the file's column names, `sent` the names that the service got, `replaced` the range of an earlier
   * answer's columns.
   */
  constructor({ names, sent, fieldNames, replaced: [first, end] }) {
    this.#columnNumbers = [...names.keys()].filter((number) => number < first || number >= end);
    this.columns = this.#columnNumbers.map((number) => {
      const field = spellClean(sent[number]);
      return new Column(strip(names[number]) || `Column ${number + 1}`, fieldNames.has(field) ? field : null);
    });
  }

  get length() {
    return this.#rows.length;
  }

  get rows() {
    return this.#rows.values;
  }

  get probabilities() {
    return this.#probabilities.values;
  }

  get leaving() {
    return this.#leaving.values;
  }

  /** Adds the scored rows of a piece, with the members of the service's answer. */
  add({ records, rows }, members) {
    for (const [index, { problems, churn_probability: probability, churn, reasons }] of members.entries()) {
      if (problems) continue;
      this.#rows.push(rows[index]);
      this.#probabilities.push(probability);
      this.#leaving.push(churn ? 1 : 0);
      for (const [place, number] of this.#columnNumbers.entries()) this.columns[place].push(records[index][number] ?? "");
      for (const { contribution, ...reason } of reasons) {
        this.#reasons.push(JSON.stringify(reason));
        this.#contributions.push(contribution);
      }
      this.#reasonEnds.push(this.#contributions.length);
    }
  }

  /** The column of a field of the model. */
  columnOf(field) {
    return this.columns.find((column) => column.field === field);
  }

  /** A customer's cells by the model's fields, as the file has them. */
  cellsOf(customer) {
    return Object.fromEntries(this.columns.filter(({ field }) => field).map((column) => [column.field, column.at(customer)]));
  }

  /** The strongest reason of each customer in words, as Texts; "" without one. */
  strongest(word) {
    const strongest = new Texts();
    const words = this.#reasons.texts.map((reason) => word(JSON.parse(reason)));
    const [ends, codes] = [this.#reasonEnds.values, this.#reasons.codes];
    for (let customer = 0, at = 0; customer < ends.length; at = ends[customer++]) strongest.push(at < ends[customer] ? words[codes[at]] : "");
    return strongest;
  }

  /** A customer's strongest reasons, as the service gave them. */
  reasonsOf(customer) {
    const [ends, reasons] = [this.#reasonEnds.values, []];
    for (let at = customer ? ends[customer - 1] : 0; at < ends[customer]; at++) {
      reasons.push({ ...JSON.parse(this.#reasons.at(at)), contribution: this.#contributions.values[at] });
    }
    return reasons;
  }
}
