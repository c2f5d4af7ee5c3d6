// The field of a number in the form: reads the typed text, and notes at the field how it is read, before the service
// is asked. The service decides which numbers are accepted.

import { readAmount } from "./amounts.js";
import { byId } from "./elements.js";
import { isBlank, spellClean } from "./spelling.js";
import { readTyped, spellTyped } from "./typed.js";

const PLAIN = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** The value that a field sends: a number, or the typed text if it is not one. */
export const readField = (control) => readControl(control).number ?? control.value;

/**
 * A cell of a table as the text of a field; `mark` is the table's decimal mark, a value of X-Decimal-Mark or "each".
 */
export function spellForField(cell, { dataset }, mark) {
  if (mark === "each" && !PLAIN.test(cell)) return cell;
  const number = readAmount(cell, mark);
  return Number.isNaN(number) ? cell : spellTyped(number, marksOf(dataset));
}

/** Notes at a field how its text is read, and the range of training if the number is outside of it. */
export function noteNumber(control) {
  const { number, either } = readControl(control);
  const isPlain = PLAIN.test(control.value.trim()) && Number(control.value) === number;
  const words = [];
  if (either) words.push(`This may be two numbers: type ${either[1]} or ${spellTyped(either[0], { sign: "", thousands: true })}.`);
  if (number !== undefined && !isPlain) words.push(`Read as ${number}.`);
  const range = number === undefined ? "" : wordRange(number, control.dataset);
  byId(`${control.id}-note`).textContent = [...words, range].filter(Boolean).join(" ");
  control.classList.toggle("unseen", range !== "");
}

/** Removes the note of a field whose text the service has refused: the problem says why. */
export function clearNote(control) {
  byId(`${control.id}-note`).textContent = "";
  control.classList.remove("unseen");
}

function readControl({ value, dataset }) {
  const isMissing = isBlank(value) || (dataset.missing ?? "").split(" ").includes(spellClean(value));
  return isMissing ? {} : readTyped(value, marksOf(dataset));
}

const marksOf = (dataset) => ({
  sign: dataset.sign ?? "",
  thousands: "thousands" in dataset,
  decimalComma: "decimalComma" in dataset,
  threeDecimals: "threeDecimals" in dataset,
});

/** The note for a number outside the range of training or beyond the limits; "" for any other. */
function wordRange(number, { seen, lowestSeen, highestSeen, taken, lowest, highest }) {
  const trained = seen ? `The model has only seen ${seen}` : "";
  if (isOutside(number, lowest, highest)) return trained ? `${trained}; it accepts ${taken}.` : `The model accepts ${taken}.`;
  return isOutside(number, lowestSeen, highestSeen) ? `${trained}.` : "";
}

/** True if a number is outside of a range. `lowest` and `highest` are texts, "" for an open end. */
const isOutside = (number, lowest, highest) => Boolean((lowest && number < Number(lowest)) || (highest && number > Number(highest)));
