// What came back for a customer list: totals, the riskiest rows, the rows that could not be scored.

import { spellClean } from "./words.js";

const RISKIEST = 10;
const MOST_BAD = 100;
export class Tally {
  rows = 0;
  scored = 0;
  leaving = 0;
  badCount = 0;
  riskiest = [];
  bad = [];
  ownName = null;
  decimalMark = "";
  #fieldNames;
  #places = null;

  constructor(fieldNames) {
    this.#fieldNames = fieldNames;
  }

  /** Takes an answer's records in, the header first; `rowOf` tells where a spreadsheet shows a row of it in the file. */
  add([header, ...records], { names }, rowOf) {
    this.#places ??= this.#findPlaces(header, names.length);
    const places = this.#places;
    for (const [index, cells] of records.entries()) {
      this.rows++;
      const row = { row: rowOf(index), own: cells[places.own] ?? "" };
      const spelled = cells[places.probability];
      if (spelled) {
        this.#watchMark(spelled);
        const probability = Number(spelled.replace(",", "."));
        this.#rank({ ...row, probability, reasons: places.reasons.map((place) => cells[place]) });
        if (cells[places.churn] === "true") this.leaving++;
      } else {
        this.badCount++;
        if (this.bad.length < MOST_BAD) this.bad.push({ ...row, problem: cells[places.error] });
      }
    }
  }

  /** Where the answer's columns are, the last ones: probability, churn, reasons, error; and the user's first own one. */
  #findPlaces(header, added) {
    const first = header.length - added;
    const own = header.slice(0, first).findIndex((name) => !this.#fieldNames.has(spellClean(name)));
    if (own >= 0) this.ownName = header[own].trim() || `Column ${own + 1}`;
    const reasons = Array.from({ length: added - 3 }, (_, number) => first + 2 + number);
    return { probability: first, churn: first + 1, reasons, error: header.length - 1, own };
  }

  /** The service finds each piece's decimal mark anew: in one file there must be one. */
  #watchMark(spelled) {
    const mark = spelled.match(/[.,]/)?.[0] ?? "";
    this.decimalMark ||= mark;
    this.mixed ||= mark !== "" && mark !== this.decimalMark;
  }

  #rank(row) {
    this.scored++;
    if (this.riskiest.length === RISKIEST && row.probability <= this.riskiest.at(-1).probability) return;
    this.riskiest.push(row);
    this.riskiest.sort((one, other) => other.probability - one.probability);
    this.riskiest.length = Math.min(this.riskiest.length, RISKIEST);
  }
}
