// What came back for a customer list: totals, the riskiest rows.

const RISKIEST = 10;

export class Tally {
  rows = 0;
  scored = 0;
  leaving = 0;
  badCount = 0;
  outside = new Map(); // how many customers are outside of what training saw, by field
  riskiest = [];
  #ownColumn;

  /** `ownColumn` is the number, from 0, of the file's column with which a row is shown. */
  constructor(ownColumn) {
    this.#ownColumn = ownColumn;
  }

  /** Takes a piece's rows in with their answers. */
  add({ records, rows }, members) {
    for (const [index, member] of members.entries()) {
      this.rows++;
      if (member.problems) {
        this.badCount++;
      } else {
        const row = { row: rows[index], own: records[index][this.#ownColumn] ?? "" };
        this.#rank({ ...row, probability: member.churn_probability, reasons: member.reasons });
        if (member.churn) this.leaving++;
      }
    }
  }

  /** Takes in how many of a piece's customers are outside of what training saw, as the service counts them. */
  addOutside(header) {
    for (const counted of header?.split(", ") ?? []) {
      const [field, customers] = counted.split("=");
      const name = decodeURIComponent(field);
      this.outside.set(name, (this.outside.get(name) ?? 0) + Number(customers));
    }
  }

  #rank(row) {
    this.scored++;
    if (this.riskiest.length === RISKIEST && row.probability <= this.riskiest.at(-1).probability) return;
    this.riskiest.push(row);
    this.riskiest.sort((one, other) => other.probability - one.probability);
    this.riskiest.length = Math.min(this.riskiest.length, RISKIEST);
  }
}
