// The choice and the order of a list's customers: search, filters, sorting, the first N. Does not touch elements.

import { readAmount } from "./amounts.js";
import { orderBy } from "./number_order.js";
import { foldText, rankTexts } from "./text_order.js";

const PLAIN_NUMBER = /^\d{1,15}(?:\.\d{1,2})?$/; // read alike with every decimal mark

/**
 * The customers of a list that are shown, and their order. Dispatches the event "change" when these change.
 *
 * Each word of `search` must be in one of the user's own columns (in any column, if there are none), whatever its
 * case and accents. `filters` maps a column's number to the Set of texts that are kept, or to the `[low, high]` of a
 * column of numbers, both included. `risk` is the `[low, high]` of probabilities; high is included only if it is 1.
 * `sort` is "risk", "gain", "row", "reason" or a column's number. `first` is the number of customers that are kept of
 * those left, those with the highest `firstBy`, "risk" or "gain".
 */
export class ListView extends EventTarget {
  search = "";
  filters = new Map();
  risk = [0, 1];
  sort = "risk";
  descending = true;
  first = Infinity;
  firstBy = "risk";
  gains = null; // a Float64Array by customer; null without a campaign's figures
  wordReason = ({ field, value, words }) => words ?? `${field} ${value}`; // the text by which the strongest reasons are sorted
  #matching = new Map(); // by the filter that is left out
  #shown = null;
  #folded = new Map();
  #numbers = new Map();
  #ranks = new Map();

  constructor(customers) {
    super();
    this.customers = customers;
  }

  /** Takes new settings, and dispatches "change". */
  change(settings) {
    Object.assign(this, settings);
    if ("search" in settings || "filters" in settings || "risk" in settings) this.#matching.clear();
    if (Object.keys(settings).join() !== "gains" || this.sort === "gain" || this.firstBy === "gain") this.#shown = null;
    this.dispatchEvent(new Event("change"));
  }

  /** The numbers of the customers that pass search and filters, in the file's order. */
  get matching() {
    return this.matchingWithout(null);
  }

  /** The same without one of the filters: "risk", or a column's number. */
  matchingWithout(left) {
    if (!this.#matching.has(left)) this.#matching.set(left, this.#match(left));
    return this.#matching.get(left);
  }

  /** The customers in the order in which they are shown, limited to the `first`. */
  get shown() {
    return (this.#shown ??= orderBy(this.#sortKeys(this.sort), this.#chosen(), { descending: this.descending }));
  }

  /** Prepares searching and sorting a column, which takes a while for 200,000 different texts. */
  prepare(place) {
    this.#sortKeys(place);
    this.#foldedOf(this.customers.columns[place]);
  }

  /**
   * The numbers in a column, one for each customer, NaN for a cell without one; null if fewer than half of the filled
   * cells are numbers.
   */
  numbersOf(place) {
    if (!this.#numbers.has(place)) this.#numbers.set(place, this.#readNumbers(this.customers.columns[place]));
    return this.#numbers.get(place);
  }

  #readNumbers({ texts, codes }) {
    const mark = this.customers.decimalMark;
    const read = Float64Array.from(texts, (text) => (PLAIN_NUMBER.test(text) ? Number(text) : readAmount(text, mark)));
    const filled = texts.filter((text) => text.trim() !== "").length;
    const numbers = read.filter((number) => !Number.isNaN(number)).length;
    return numbers && numbers >= filled / 2 ? Float64Array.from(codes, (code) => read[code]) : null;
  }

  #match(left) {
    const { columns, probabilities } = this.customers;
    const kept = new Uint8Array(probabilities.length).fill(1);
    for (const [place, wanted] of this.filters) {
      if (place === left) continue;
      if (Array.isArray(wanted)) keepRange(kept, this.numbersOf(place) ?? [], wanted);
      else keepTexts(kept, columns[place], wanted);
    }
    if (left !== "risk") keepRisk(kept, probabilities, this.risk);
    const own = columns.filter(({ field }) => field === null);
    const searched = own.length ? own : columns;
    for (const word of foldText(this.search).split(/\s+/).filter(Boolean)) keepFound(kept, searched, (column) => this.#foldedOf(column), word);
    return listKept(kept);
  }

  /** A column's texts in the form that is searched. */
  #foldedOf(column) {
    if (!this.#folded.has(column)) this.#folded.set(column, column.texts.map(foldText));
    return this.#folded.get(column);
  }

  /** The matching customers, limited to the `first`. */
  #chosen() {
    if (this.matching.length <= this.first) return this.matching;
    return orderBy(this.#sortKeys(this.firstBy), this.matching, { descending: true }).slice(0, this.first).sort();
  }

  /** The keys to sort by: a number for each customer. */
  #sortKeys(sort) {
    const { probabilities, rows, columns } = this.customers;
    if (sort === "row") return rows;
    if (sort === "risk") return probabilities;
    if (sort === "gain") return this.gains ?? probabilities;
    if (sort === "reason") return this.#rank(sort, this.customers.strongest(this.wordReason));
    return this.numbersOf(sort) ?? this.#rank(sort, columns[sort]);
  }

  #rank(sort, { texts, codes }) {
    if (!this.#ranks.has(sort)) {
      const ranks = rankTexts(texts);
      this.#ranks.set(sort, Float64Array.from(codes, (code) => ranks[code]));
    }
    return this.#ranks.get(sort);
  }
}

function keepRange(kept, numbers, [low, high]) {
  for (let customer = 0; customer < kept.length; customer++) {
    if (!(numbers[customer] >= low && numbers[customer] <= high)) kept[customer] = 0;
  }
}

function keepRisk(kept, probabilities, [low, high]) {
  for (let customer = 0; customer < kept.length; customer++) {
    const probability = probabilities[customer];
    if (probability < low || (probability >= high && high < 1)) kept[customer] = 0;
  }
}

function keepTexts(kept, { codes, texts }, wanted) {
  const isWanted = Uint8Array.from(texts, (text) => wanted.has(text));
  for (let customer = 0; customer < kept.length; customer++) kept[customer] &&= isWanted[codes[customer]];
}

/**
 * Keeps the customers with a word in any of the columns. Each text is searched once, and only texts of customers that
 * may still be kept.
 */
function keepFound(kept, columns, foldedOf, word) {
  const found = new Uint8Array(kept.length);
  for (const column of columns) {
    const [folded, { codes }] = [foldedOf(column), column];
    const answers = new Uint8Array(folded.length); // 0 not searched, 1 without the word, 2 with it
    for (let customer = 0; customer < kept.length; customer++) {
      if (!kept[customer] || found[customer]) continue;
      const code = codes[customer];
      answers[code] ||= folded[code].includes(word) ? 2 : 1;
      found[customer] = answers[code] === 2;
    }
  }
  kept.set(found);
}

function listKept(kept) {
  const customers = new Uint32Array(kept.length);
  let length = 0;
  for (let customer = 0; customer < kept.length; customer++) if (kept[customer]) customers[length++] = customer;
  return customers.subarray(0, length);
}
