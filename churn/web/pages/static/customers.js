// The scored customers of a list, by column. They are in this page's memory only, and gone with it.

import { spellClean, strip } from "./spelling.js";

const FIRST_ROOM = 1024;

/** Numbers of one kind that become more: an array of `Kind` that is copied into a larger one when it is full. */
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

  /** The numbers so far, not copied. */
  get values() {
    return this.#all.subarray(0, this.length);
  }
}

/** Texts of which each different one is kept once: `codes` say which of the `texts` is whose. */
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

/** A column of the file: its `name` there, the `field` of the model that it is (null: the user's own), and its cells. */
class Column extends Texts {
  constructor(name, field) {
    super();
    this.name = name;
    this.field = field;
  }
}

/**
 * Customers with their answers, each with a number from 0 in the order of the file. Refused rows are not among them.
 *
 * `columns` are the file's but for an earlier answer's. `probabilities` are 0 to 1, `rows` as a spreadsheet counts;
 * `leaving` is 1 for whom the service takes for a leaver. `decimalMark` is that of the file's numbers, as X-Decimal-Mark has it.
 */
export class Customers {
  columns;
  decimalMark = null;
  #columnNumbers;
  #rows = new Numbers(Uint32Array);
  #probabilities = new Numbers(Float64Array);
  #leaving = new Numbers(Uint8Array);
  #reasons = new Texts();
  #contributions = new Numbers(Float64Array);
  #reasonEnds = new Numbers(Uint32Array);

  /** `names` are the file's own, `sent` what the service was told they are, `replaced` an earlier answer's columns. */
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

  /** Takes in the scored rows of a piece, with the members of the service's answer. */
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

  /** Each customer's strongest reason in words, as a column has its texts; "" without one. */
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
