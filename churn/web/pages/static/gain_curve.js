// The expected gain of calling all customers from a risk upwards, for each risk, and the best risk. Does not touch
// elements.

import { orderBy } from "./number_order.js";

const MOST_DECIMALS = 12; // of a threshold in percent

/**
 * The curve of the expected gain. `probabilities`, 0 to 1, and `gains`, NaN for a customer who is never called, are
 * by customer. At most `most` are called, those with the best gains.
 */
export class GainCurve {
  #thresholds; // the probabilities that occur, highest first
  #profits; // the gain from each of them upwards
  #calls; // the number of these calls
  #best = -1;

  constructor(customers, { probabilities, gains, most = Infinity }) {
    const worth = customers.filter((customer) => !Number.isNaN(gains[customer]));
    const ordered = orderBy(probabilities, worth, { descending: true });
    const kept = most < ordered.length ? new BestSum(most) : new Sum();
    const [thresholds, profits, calls] = [Float64Array, Float64Array, Uint32Array].map((Kind) => new Kind(ordered.length));
    let length = 0;
    for (let place = 0, highest = 0; place < ordered.length; place++) {
      const probability = probabilities[ordered[place]];
      kept.add(gains[ordered[place]]);
      if (probabilities[ordered[place + 1]] === probability) continue;
      thresholds[length] = probability;
      profits[length] = kept.sum;
      calls[length] = Math.min(place + 1, most);
      if (kept.sum > highest) [highest, this.#best] = [kept.sum, length];
      length++;
    }
    [this.#thresholds, this.#profits, this.#calls] = [thresholds, profits, calls].map((all) => all.subarray(0, length));
  }

  /** The number of `calls` from a threshold upwards, and their `gain`. */
  at(threshold) {
    let [low, high] = [0, this.#thresholds.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#thresholds[middle] >= threshold) low = middle + 1;
      else high = middle;
    }
    return low ? { calls: this.#calls[low - 1], gain: this.#profits[low - 1] } : { calls: 0, gain: 0 };
  }

  /** The threshold with the highest gain, in percent with the fewest digits, and that gain; null if no call pays. */
  get best() {
    if (this.#best < 0) return null;
    const percent = spellBetween(this.#thresholds[this.#best + 1] ?? -Infinity, this.#thresholds[this.#best]);
    return { percent, gain: this.#profits[this.#best] };
  }
}

/** The percentage with the fewest decimals that is above one probability and not above another. */
function spellBetween(below, probability) {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const unit = 10 ** decimals;
    const highest = Math.floor(probability * 100 * unit);
    for (const percent of [(highest + 1) / unit, highest / unit]) { // a product may be slightly too low
      if (percent / 100 > below && percent / 100 <= probability) return percent;
    }
  }
  return below < 0 ? 0 : probability * 100;
}

/** A sum of numbers. */
class Sum {
  sum = 0;

  add(number) {
    this.sum += number;
  }
}

/** The sum of the highest `most` numbers: a heap with the lowest of them on top. */
class BestSum extends Sum {
  #heap;
  #length = 0;

  constructor(most) {
    super();
    this.#heap = new Float64Array(most);
  }

  add(number) {
    const heap = this.#heap;
    if (this.#length < heap.length) {
      super.add(number);
      this.#rise(number, this.#length++);
    } else if (number > heap[0]) {
      super.add(number - heap[0]);
      this.#sink(number);
    }
  }

  #rise(number, place) {
    for (let parent = (place - 1) >> 1; place && this.#heap[parent] > number; parent = (place - 1) >> 1) {
      this.#heap[place] = this.#heap[parent];
      place = parent;
    }
    this.#heap[place] = number;
  }

  /** Replaces the lowest number. */
  #sink(number) {
    const [heap, length] = [this.#heap, this.#length];
    let place = 0;
    for (let child = 1; child < length; child = 2 * place + 1) {
      if (child + 1 < length && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= number) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = number;
  }
}
