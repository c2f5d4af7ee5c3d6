// What came back for a customer list: totals, the riskiest rows, the rows that could not be scored.

const RISKIEST = 10;
const MOST_BAD = 100;
const AN_ID = /^(id|.*[ _-]id|customerid|userid|accountid|(customer|account)[ _-]?(no|nr|number))$/i;

export class Tally {
  rows = 0;
  scored = 0;
  leaving = 0;
  badCount = 0;
  riskiest = [];
  bad = [];
  idName = "";
  decimalMark = "";
  #places = null;

  /** Takes an answer's records in, the header first; `lineOf` tells the file's line of a row of it. */
  add([header, ...records], lineOf) {
    this.#places ??= this.#findPlaces(header);
    const places = this.#places;
    for (const [index, cells] of records.entries()) {
      const row = { row: ++this.rows, line: lineOf(index), id: cells[places.id] ?? "" };
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

  #findPlaces(header) {
    const place = (name) => header.lastIndexOf(name);
    const [probability, churn, error] = ["churn_probability", "churn", "error"].map(place);
    const reasons = ["reason_1", "reason_2", "reason_3"].map(place).filter((one) => one >= 0);
    const id = header.findIndex((name) => AN_ID.test(name.trim()));
    this.idName = header[id] ?? "";
    return { probability, churn, reasons, error, id };
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
