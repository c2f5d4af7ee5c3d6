// A number's field in the form: what is typed in it as a number, and what is said of that at the field, before the service
// is asked. What a number may be is the service's to decide.

import { readAmount } from "./amounts.js";
import { byId } from "./elements.js";
import { isBlank, spellClean } from "./spelling.js";
import { readTyped, spellTyped } from "./typed.js";

const PLAIN = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** What a field sends: a number where it is one, else the text as it is typed. */
export const readField = (control) => readControl(control).number ?? control.value;

/** A cell of a table as the text of a field; `mark` is the table's decimal mark, as X-Decimal-Mark has it, or "each". */
export function spellForField(cell, { dataset }, mark) {
  if (mark === "each" && !PLAIN.test(cell)) return cell;
  const number = readAmount(cell, mark);
  return Number.isNaN(number) ? cell : spellTyped(number, marksOf(dataset));
}

/** Says at a field how its text is read, and which range training saw where the number is outside of it. */
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

/** Takes the note away, where the service has refused what is in the field and says why. */
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

/** What is said of a number outside of what training saw, or beyond what is taken; "" of any other. */
function wordRange(number, { seen, lowestSeen, highestSeen, taken, lowest, highest }) {
  const trained = seen ? `Training saw ${seen}` : "";
  if (isOutside(number, lowest, highest)) return trained ? `${trained}; ${taken} is taken.` : `${taken} is taken.`;
  return isOutside(number, lowestSeen, highestSeen) ? `${trained}.` : "";
}

/** `lowest` and `highest` are texts, "" where there is none. */
const isOutside = (number, lowest, highest) => Boolean((lowest && number < Number(lowest)) || (highest && number > Number(highest)));
