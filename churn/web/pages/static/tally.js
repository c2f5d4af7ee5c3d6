// What came back for a customer list: totals.

export class Tally {
  rows = 0;
  scored = 0;
  leaving = 0;
  badCount = 0;
  outside = new Map(); // how many customers are outside of what training saw, by field

  /** Takes a piece's rows in with their answers. */
  add(members) {
    for (const member of members) {
      this.rows++;
      if (member.problems) {
        this.badCount++;
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
