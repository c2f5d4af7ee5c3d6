// What came back for a customer list: totals, the rows that could not be scored.

const MOST_BAD = 100;

export class Tally {
  rows = 0;
  scored = 0;
  leaving = 0;
  badCount = 0;
  outside = new Map(); // how many customers are outside of what training saw, by field
  bad = [];
  #ownColumn;

  /** `ownColumn` is the number, from 0, of the file's column with which a row is shown. */
  constructor(ownColumn) {
    this.#ownColumn = ownColumn;
  }

  /** Takes a piece's rows in with their answers. */
  add({ records, rows }, members) {
    for (const [index, member] of members.entries()) {
      this.rows++;
      const row = { row: rows[index], own: records[index][this.#ownColumn] ?? "" };
      if (member.problems) {
        this.badCount++;
        if (this.bad.length < MOST_BAD) this.bad.push({ ...row, problems: member.problems, problemCount: member.problem_count });
      } else {
        this.scored++;
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
}
