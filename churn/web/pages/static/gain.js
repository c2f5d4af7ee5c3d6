// The expected gain of calling customers, and the choice of the customers to call. The rules are those of
// churn/model/gain.py; a test compares both.

import { orderBy } from "./number_order.js";

const WIDTH = 1.959963984540054; // standard deviations on each side that hold 95 %
const ROUNDING = 1e-12; // share by which sums of costs may miss a budget in floating point

/**
 * The figures of a campaign, except the value of a customer: the costs of an `offer` and a `contact`, and the share
 * who `accept`, 0 to 1.
 */
export class Terms {
  constructor({ offer, contact, accept }) {
    Object.assign(this, { offer, contact, accept });
  }

  /** The highest cost of a call: the contact and the offer. */
  get cost() {
    return this.offer + this.contact;
  }

  /** The gain of calling a leaver less that of calling a stayer, each on average. */
  moreOfLeaver(value) {
    return this.accept * (value - this.offer) + this.offer;
  }

  /** The expected gain of calling a customer; `p` is the probability, 0 to 1, that the customer leaves. */
  findGain(p, value) {
    return p * this.moreOfLeaver(value) - this.cost;
  }

  /**
   * The variance of that gain: value - offer - contact with p * accept, -contact with p * (1 - accept), -cost with 1
   * - p.
   */
  findVariance(p, value) {
    const [kept, lost, stays] = [p * this.accept, p * (1 - this.accept), 1 - p];
    const net = value - this.offer;
    return kept * lost * net * net + kept * stays * value * value + lost * stays * this.offer * this.offer;
  }

  /** The probability above which calling a customer with this value is expected to pay. */
  findThreshold(value) {
    return this.cost / this.moreOfLeaver(value);
  }

  /** The number of calls that a budget pays for if each call costs the most; Infinity if calls cost nothing. */
  countCalls(budget) {
    return this.cost ? Math.floor((budget * (1 + ROUNDING)) / this.cost) : Infinity;
  }
}

/**
 * The expected gain of each customer, and its variance. `values` is one number for all, or an array by customer with
 * NaN for those who are never called.
 */
export function findGains(terms, values, probabilities) {
  const [gains, variances] = [new Float64Array(probabilities.length), new Float64Array(probabilities.length)];
  for (let customer = 0; customer < probabilities.length; customer++) {
    const value = typeof values === "number" ? values : values[customer];
    gains[customer] = terms.findGain(probabilities[customer], value);
    variances[customer] = terms.findVariance(probabilities[customer], value);
  }
  return { gains, variances };
}

/** The expected gain of calling some customers, with the limits that hold it in 95 % of cases. */
export function expectGain(customers, gains, variances) {
  let [gain, variance] = [0, 0];
  for (const customer of customers) {
    gain += gains[customer];
    variance += variances[customer];
  }
  const width = WIDTH * Math.sqrt(variance);
  return { gain, low: gain - width, high: gain + width };
}

/**
 * The customers for whom `isWanted` is true, highest gain first, at most `most`. Equal gains keep their order; a
 * customer with the gain NaN is never chosen.
 */
export function chooseCalls(customers, gains, { isWanted = (customer) => gains[customer] > 0, most = Infinity } = {}) {
  const wanted = customers.filter((customer) => !Number.isNaN(gains[customer]) && isWanted(customer));
  return orderBy(gains, wanted, { descending: true }).subarray(0, most);
}
