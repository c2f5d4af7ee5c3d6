// Sorts texts as a person expects: without case and accents, numbers in texts by their size, blanks last. The order
// is that of Intl.Collator for English. To compare 200,000 texts with it takes seconds, so here it only orders the
// letters.

import { orderBy } from "./number_order.js";
import { isBlank, strip } from "./spelling.js";

const COLLATOR = new Intl.Collator("en", { sensitivity: "base" });
const MARKS = /\p{M}/gu;
const LONGEST_RUN = 255; // digits of a number in a text
const EXACT = 2 ** 53;
const ZERO = 48; // the code of the digit
const LETTERS = 2 ** 16;
const FEW = 32; // up to this many texts that begin alike, a comparison sort is quicker

/** A text for comparison: without case, accents and other marks. */
export function foldText(text) {
  const small = text.toLowerCase();
  return /^[\0-\x7f]*$/.test(small) ? small : small.normalize("NFKD").replace(MARKS, "");
}

/** The rank of each text, from 0. Equal texts have the same rank; a blank has NaN. */
export function rankTexts(texts) {
  const filled = Uint32Array.from([...texts.keys()].filter((number) => !isBlank(texts[number])));
  const spelled = new Spelled(texts);
  const ranks = new Float64Array(texts.length).fill(NaN);
  let [rank, before] = [-1, null];
  for (const number of spelled.order(filled)) {
    if (before === null || spelled.compare(before, number) !== 0) rank++;
    ranks[number] = rank;
    before = number;
  }
  return ranks;
}

/** Texts as sequences of units, small whole numbers in the order of the letters. */
class Spelled {
  #units;
  #starts;
  #perChunk;
  #base;

  constructor(texts) {
    const folded = texts.map((text) => foldText(strip(text)));
    const ranks = rankLetters(folded);
    this.#starts = new Uint32Array(texts.length + 1);
    this.#units = new Uint16Array(3 * folded.reduce((sum, text) => sum + text.length, 0)); // a digit by itself is three units
    let end = 0;
    for (let number = 0; number < folded.length; number++) {
      end = spellUnits(folded[number], { ranks, units: this.#units, end });
      this.#starts[number + 1] = end;
    }
    let most = 1;
    for (let at = 0; at < end; at++) if (this.#units[at] > most) most = this.#units[at];
    this.#base = most + 1;
    this.#perChunk = Math.floor(Math.log(EXACT) / Math.log(this.#base));
  }

  /** The numbers of texts, sorted by their texts. */
  order(numbers, depth = 0) {
    if (numbers.length <= FEW) return numbers.sort((one, other) => this.compare(one, other, depth * this.#perChunk) || one - other);
    const chunks = Float64Array.from(numbers, (number) => this.#chunk(number, depth));
    const places = orderBy(chunks, Uint32Array.from(numbers.keys()));
    const ordered = places.map((place) => numbers[place]);
    for (let start = 0, end = 0; start < ordered.length; start = end) {
      let goOn = false; // true if one of the texts that are equal so far has more units
      for (end = start; end < ordered.length && chunks[places[end]] === chunks[places[start]]; end++) {
        goOn ||= this.#length(ordered[end]) > (depth + 1) * this.#perChunk;
      }
      if (goOn && end - start > 1) ordered.set(this.order(ordered.slice(start, end), depth + 1), start);
    }
    return ordered;
  }

  /**
   * Below 0 if the first text comes first, 0 if both are equal. The first units, `from` of them, are known to be
   * equal.
   */
  compare(one, other, from = 0) {
    const [units, left, right] = [this.#units, this.#starts[one], this.#starts[other]];
    const least = Math.min(this.#length(one), this.#length(other));
    for (let place = from; place < least; place++) {
      if (units[left + place] !== units[right + place]) return units[left + place] - units[right + place];
    }
    return this.#length(one) - this.#length(other);
  }

  #length(number) {
    return this.#starts[number + 1] - this.#starts[number];
  }

  /** The units of a text at this depth as one number; a missing unit counts 0. */
  #chunk(number, depth) {
    const start = this.#starts[number] + depth * this.#perChunk;
    let chunk = 0;
    for (let place = start; place < start + this.#perChunk; place++) {
      chunk = chunk * this.#base + (place < this.#starts[number + 1] ? this.#units[place] : 0);
    }
    return chunk;
  }
}

/**
 * Writes the units of a text from `end` on, and returns their end. A number is a digit's rank, its length, its
 * digits.
 */
function spellUnits(text, { ranks, units, end }) {
  for (let at = 0; at < text.length; at++) {
    const rank = ranks[text.charCodeAt(at)];
    if (!rank) continue; // an ignored letter
    units[end++] = rank;
    if (!isDigit(text.charCodeAt(at))) continue;
    let [first, last] = [at, at];
    while (last + 1 < text.length && isDigit(text.charCodeAt(last + 1))) last++;
    while (first < last && text[first] === "0") first++;
    const length = Math.min(last + 1 - first, LONGEST_RUN);
    units[end++] = length;
    for (let place = first; place < first + length; place++) units[end++] = text.charCodeAt(place) - ZERO + 1;
    at = last;
  }
  return end;
}

const isDigit = (code) => code >= ZERO && code <= ZERO + 9;

/**
 * The ranks, from 1, of the letters in texts, by their codes. An ignored letter has 0; all digits have the same rank.
 */
function rankLetters(texts) {
  const seen = new Uint8Array(LETTERS);
  for (const text of texts) for (let at = 0; at < text.length; at++) seen[text.charCodeAt(at)] = 1;
  const letters = [...seen.keys()].filter((code) => seen[code]).map((code) => String.fromCharCode(code));
  const ordered = letters.filter((letter) => COLLATOR.compare(letter, "") !== 0).sort(COLLATOR.compare);
  const ranks = new Uint16Array(LETTERS);
  let rank = 0;
  for (const [number, letter] of ordered.entries()) {
    if (number === 0 || COLLATOR.compare(ordered[number - 1], letter) !== 0) rank++;
    ranks[letter.charCodeAt(0)] = rank;
  }
  const digits = ordered.filter((letter) => isDigit(letter.charCodeAt(0)));
  for (const digit of digits) ranks[digit.charCodeAt(0)] = ranks[digits[0].charCodeAt(0)];
  return ranks;
}
