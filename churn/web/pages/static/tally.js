// The totals of a customer list.

export class Tally {
  rows = 0;
  scored = 0;
  leaving = 0;
  badCount = 0;
  outside = new Map(); // the number of customers outside the range of training, by field

  /** Counts the answers of a piece. */
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

  /** Adds the numbers of a piece's customers outside the range of training, from the service's header. */
  addOutside(header) {
    for (const counted of header?.split(", ") ?? []) {
      const [field, customers] = counted.split("=");
      const name = decodeURIComponent(field);
      this.outside.set(name, (this.outside.get(name) ?? 0) + Number(customers));
    }
  }
}
