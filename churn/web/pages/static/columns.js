// Compares a table's columns with the model's fields: finds missing and repeated ones, and guesses the columns of the
// missing ones.

import { isBlank, spellClean } from "./spelling.js";

const GOOD_GUESS = 0.6;
const SURE_VALUES = 0.9;

/**
 * The fields without a column (`missing`), those with more than one (`twice`), and the numbers, from 0, of the
 * `others`, the columns that are not a field.
 */
export function compareColumns(names, fieldNames) {
  const spelled = names.map(spellClean);
  const fields = [...fieldNames];
  return {
    missing: fields.filter((field) => !spelled.includes(field)),
    twice: fields.filter((field) => spelled.indexOf(field) !== spelled.lastIndexOf(field)),
    others: [...spelled.keys()].filter((number) => !fieldNames.has(spelled[number])),
  };
}

/** The problems of a header in words, for missing and repeated fields; "" without any. */
export function wordColumns({ missing, twice }) {
  const words = [];
  if (missing.length) words.push(`The row of column names has no column for: ${missing.join(", ")}. Add what is missing, then drop the file again.`);
  if (twice.length) words.push(`The row of column names has more than one column for: ${twice.join(", ")}. Keep one of each.`);
  return words.join(" ");
}

/**
 * The likely columns of the missing fields: a Map from fields to column numbers, each used at most once.
 *
 * `columns` are { number, name, cells }, `fields` { field, label, categories }, with null categories for a number. A
 * close spelling decides unless the values contradict it; values alone decide only if no other field or column fits
 * them.
 */
export function guessColumns(fields, columns) {
  const pairs = [];
  for (const wanted of fields) {
    for (const column of columns) {
      const fit = fitOfValues(wanted.categories, column.cells);
      const spelling = Math.max(likeness(wanted.field, column.name), likeness(wanted.label, column.name));
      pairs.push({ field: wanted.field, number: column.number, fit, spelling: fit === null || fit > 0.5 ? spelling : 0 });
    }
  }
  const guesses = new Map();
  const take = ({ field, number }) => guesses.set(field, number);
  const isFree = ({ field, number }) => !guesses.has(field) && ![...guesses.values()].includes(number);
  pairs.sort((one, other) => other.spelling - one.spelling);
  for (const pair of pairs) if (pair.spelling >= GOOD_GUESS && isFree(pair)) take(pair);
  const left = pairs.filter((pair) => isFree(pair) && pair.fit !== null && pair.fit >= SURE_VALUES);
  const [fits, fitting] = [countBy(left, "field"), countBy(left, "number")];
  for (const pair of left) if (fits.get(pair.field) === 1 && fitting.get(pair.number) === 1) take(pair);
  return guesses;
}

function countBy(pairs, key) {
  const counts = new Map();
  for (const pair of pairs) counts.set(pair[key], (counts.get(pair[key]) ?? 0) + 1);
  return counts;
}

/** The share of a column's different values that are categories of the field; null without categories or values. */
function fitOfValues(categories, cells) {
  const values = new Set(cells.filter((cell) => !isBlank(cell)).map(spellClean));
  if (!categories || !values.size) return null;
  return [...values].filter((value) => categories.has(value)).length / values.size;
}

/** The similarity of two names, 0 to 1: the Dice coefficient of their pairs of letters. */
function likeness(one, other) {
  const [left, right] = [pairsOf(one), pairsOf(other)];
  const all = left.length + right.length;
  const common = left.filter((pair) => {
    const at = right.indexOf(pair);
    if (at >= 0) right.splice(at, 1);
    return at >= 0;
  });
  return all ? (2 * common.length) / all : 0;
}

function pairsOf(name) {
  const letters = [...name.toLowerCase()].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  return letters.slice(1).map((letter, at) => letters[at] + letter);
}
