// Which customers of a list are shown, and in which order: search, filters, sorting, the first N. Knows no element.

import { readAmount } from "./amounts.js";

const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/**
 * Tells with the event "change" that other customers are shown.
 *
 * `search` is looked for in the user's own columns. `filters` has for columns' numbers the Set of texts that are kept, or
 * the `[low, high]` of a column of numbers; `risk` is the `[low, high]` of probabilities, both included. `sort` is "risk",
 * "gain", "row" or a column's number. `first` is how many are kept of those that are left, in their order.
 */
export class ListView extends EventTarget {
  search = "";
  filters = new Map();
  risk = [0, 1];
  sort = "risk";
  descending = true;
  first = Infinity;
  gains = null; // by customer, Float64Array; null while no campaign's figures are known
  #matching = null;
  #shown = null;
  #ranks = new Map();
  #numbers = new Map();

  constructor(customers) {
    super();
    this.customers = customers;
  }

  /** Takes new settings, and says so. */
  change(settings) {
    Object.assign(this, settings);
    if (!("sort" in settings || "descending" in settings || "first" in settings)) this.#matching = null;
    this.#shown = null;
    this.dispatchEvent(new Event("change"));
  }

  /** The numbers of the customers that search and filters leave, in the file's order. */
  get matching() {
    return (this.#matching ??= this.#match());
  }

  /** The same in the order in which they are shown, only the first of them where that is asked for. */
  get shown() {
    return (this.#shown ??= this.#order().subarray(0, this.first));
  }

  /** The numbers in a column by customer, NaN where a cell has none; null where fewer than half of the filled cells are numbers. */
  numbersOf(place) {
    if (!this.#numbers.has(place)) this.#numbers.set(place, this.#readNumbers(this.customers.columns[place]));
    return this.#numbers.get(place);
  }

  #readNumbers({ texts, codes }) {
    const filled = texts.filter((text) => text.trim() !== "");
    const read = Float64Array.from(texts, (text) => readAmount(text, this.customers.decimalMark));
    const numbers = read.filter((number) => !Number.isNaN(number)).length;
    return numbers && numbers >= filled.length / 2 ? Float64Array.from(codes, (code) => read[code]) : null;
  }

  #match() {
    const { probabilities, columns } = this.customers;
    const [low, high] = this.risk;
    const kept = this.#keptCodes();
    const ranges = [...this.filters].filter(([, wanted]) => Array.isArray(wanted)).map(([place, [least, most]]) => ({ numbers: this.numbersOf(place), least, most }));
    const words = this.search.trim().toLowerCase();
    const found = words ? columns.filter(({ field }) => field === null).map(({ codes, texts }) => ({ codes, isIn: texts.map((text) => text.toLowerCase().includes(words)) })) : null;
    const matching = new Uint32Array(probabilities.length);
    let length = 0;
    for (let customer = 0; customer < probabilities.length; customer++) {
      if (probabilities[customer] < low || probabilities[customer] > high) continue;
      if (found && !found.some(({ codes, isIn }) => isIn[codes[customer]])) continue;
      if (!kept.every(({ codes, isIn }) => isIn[codes[customer]])) continue;
      if (!ranges.every(({ numbers, least, most }) => numbers[customer] >= least && numbers[customer] <= most)) continue;
      matching[length++] = customer;
    }
    return matching.subarray(0, length);
  }

  #keptCodes() {
    const sets = [...this.filters].filter(([, wanted]) => !Array.isArray(wanted));
    return sets.map(([place, wanted]) => {
      const { codes, texts } = this.customers.columns[place];
      return { codes, isIn: texts.map((text) => wanted.has(text)) };
    });
  }

  #order() {
    const keys = this.#sortKeys();
    const sign = this.descending ? -1 : 1;
    return this.matching.slice().sort((one, other) => {
      const [left, right] = [keys[one], keys[other]];
      if (left === right) return one - other;
      if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) ? (Number.isNaN(right) ? one - other : 1) : -1;
      return left < right ? -sign : sign;
    });
  }

  /** What customers are sorted by: a number each. */
  #sortKeys() {
    const { probabilities, rows, columns } = this.customers;
    if (this.sort === "row") return rows;
    if (this.sort === "risk") return probabilities;
    if (this.sort === "gain") return this.gains ?? probabilities;
    return this.numbersOf(this.sort) ?? this.#rankTexts(columns[this.sort], this.sort);
  }

  #rankTexts({ texts, codes }, place) {
    if (!this.#ranks.has(place)) {
      const ranks = new Uint32Array(texts.length);
      const ordered = [...texts.keys()].sort((one, other) => COLLATOR.compare(texts[one], texts[other]));
      for (const [rank, code] of ordered.entries()) ranks[code] = rank;
      this.#ranks.set(place, Uint32Array.from(codes, (code) => ranks[code]));
    }
    return this.#ranks.get(place);
  }
}
