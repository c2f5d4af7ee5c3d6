// A field in which a person types one figure: an amount, a percentage, a number of calls. Shows at the field what is
// wrong.

import { readAmount } from "./amounts.js";
import { byId } from "./elements.js";
import { isBlank, strip } from "./spelling.js";

const LARGEST = 1e12;
const NOT_A_NUMBER = { problem: "Not a number." };
const BARE = /^[+\-\u2212]?[\d.,\s]+(?:[eE][+-]?\d+)?$/;

/**
 * The typed number, { number }, or what is wrong with the text, { problem }. `most` is the largest number that can be
 * meant.
 */
function readFigure(text, most = Infinity) {
  const number = readAmount(text, null);
  if (!Number.isNaN(number)) return Math.abs(number) < LARGEST ? { number } : { problem: "Too large: must be below 1,000,000,000,000." };
  const [one, thousands] = ["point", "comma"].map((mark) => readAmount(text, mark)).sort((some, other) => some - other);
  if (Number.isNaN(one) || Number.isNaN(thousands)) return NOT_A_NUMBER;
  if (thousands > most) return { number: one };
  return { problem: `This may be two numbers: type ${thousands} or ${spellSurely(one)}.` };
}

/** A number as a text that has only one reading. */
const spellSurely = (number) => (Number.isNaN(readAmount(String(number), null)) ? `${number}0` : String(number));

export class FigureField {
  #input;
  #problem;
  #read;
  #judge;

  /**
   * `read` turns a text into { number } or { problem }. `judge` words what is wrong with a number, "" for a good one.
   */
  constructor(id, { read = readMoney, judge }) {
    [this.#input, this.#problem] = [byId(id), byId(`${id}-problem`)];
    [this.#read, this.#judge] = [read, judge];
  }

  get isBlank() {
    return isBlank(this.#input.value);
  }

  get label() {
    return this.#input.ariaLabel ?? this.#input.labels[0].textContent.trim();
  }

  /** The problem shown at the field, with its label; "" without one. */
  get complaint() {
    return this.#problem.textContent && `${this.label}: ${this.#problem.textContent}`;
  }

  /** The number in the field, NaN for a blank or a wrong one. Unless the field `counts`, it shows no problem. */
  read({ counts = true } = {}) {
    const { number = NaN, problem = this.#judge(number) } = this.isBlank ? { problem: "" } : this.#read(this.#input.value);
    const words = counts ? problem : "";
    if (this.#problem.textContent !== words) this.#problem.textContent = words;
    if (words) this.#input.setAttribute("aria-invalid", "true");
    else this.#input.removeAttribute("aria-invalid");
    return problem ? NaN : number;
  }

  set(number) {
    this.#input.value = String(number);
  }
}

/** An amount, perhaps with the sign of a currency. */
export const readMoney = (text) => (text.includes("%") ? NOT_A_NUMBER : readFigure(text));

/** A number without a currency or percent sign. */
export const readCount = (text) => readBare(text);

/** A percentage, with its sign or without. */
export const readPercent = (text) => readBare(strip(text).replace(/%$/, ""), 100);

const readBare = (text, most) => (BARE.test(strip(text)) ? readFigure(text, most) : NOT_A_NUMBER);
