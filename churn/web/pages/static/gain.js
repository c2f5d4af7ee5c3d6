// What calling customers is expected to bring, and whom to call: the rules of churn/model/gain.py, to which a test holds these.

import { orderBy } from "./number_order.js";

const WIDTH = 1.959963984540054; // standard deviations to both sides, which hold 95 %
const ROUNDING = 1e-12; // of a budget, which sums of costs may be off in floating point

/** A campaign's figures but for the value of a customer: what an `offer` and a `contact` cost, and `accept`, 0 to 1. */
export class Terms {
  constructor({ offer, contact, accept }) {
    Object.assign(this, { offer, contact, accept });
  }

  /** What a call costs at most: it, and the offer. */
  get cost() {
    return this.offer + this.contact;
  }

  /** What calling a leaver brings more than calling a stayer, on average over who accepts. */
  moreOfLeaver(value) {
    return this.accept * (value - this.offer) + this.offer;
  }

  /** What calling a customer is expected to bring; `p` is the probability, 0 to 1, that they leave. */
  findGain(p, value) {
    return p * this.moreOfLeaver(value) - this.cost;
  }

  /** The variance of the same: value - offer - contact with p * accept, -contact with p * (1 - accept), -cost with 1 - p. */
  findVariance(p, value) {
    const [kept, lost, stays] = [p * this.accept, p * (1 - this.accept), 1 - p];
    const net = value - this.offer;
    return kept * lost * net * net + kept * stays * value * value + lost * stays * this.offer * this.offer;
  }

  /** The probability above which calling a customer of this value is expected to pay. */
  findThreshold(value) {
    return this.cost / this.moreOfLeaver(value);
  }

  /** How many calls a budget pays for, whatever becomes of them; Infinity where they cost nothing. */
  countCalls(budget) {
    return this.cost ? Math.floor((budget * (1 + ROUNDING)) / this.cost) : Infinity;
  }
}

/** The expected gain of each customer with its variance; `values` are by customer, NaN for one who is never called, or all the same. */
export function findGains(terms, values, probabilities) {
  const [gains, variances] = [new Float64Array(probabilities.length), new Float64Array(probabilities.length)];
  for (let customer = 0; customer < probabilities.length; customer++) {
    const value = typeof values === "number" ? values : values[customer];
    gains[customer] = terms.findGain(probabilities[customer], value);
    variances[customer] = terms.findVariance(probabilities[customer], value);
  }
  return { gains, variances };
}

/** What calling some customers is expected to bring in all, with the limits that hold it in 95 % of cases. */
export function expectGain(customers, gains, variances) {
  let [gain, variance] = [0, 0];
  for (const customer of customers) {
    gain += gains[customer];
    variance += variances[customer];
  }
  const width = WIDTH * Math.sqrt(variance);
  return { gain, low: gain - width, high: gain + width };
}

/** The first `most` of some customers that `isWanted`, the best gain first; equal ones stay in their order, and NaN is never chosen. */
export function chooseCalls(customers, gains, { isWanted = (customer) => gains[customer] > 0, most = Infinity } = {}) {
  const wanted = customers.filter((customer) => !Number.isNaN(gains[customer]) && isWanted(customer));
  return orderBy(gains, wanted, { descending: true }).subarray(0, most);
}
