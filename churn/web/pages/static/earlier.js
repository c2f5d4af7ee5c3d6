// Finds the columns of an earlier answer in a table, by their names and first cells. The rule is that of
// churn/tables/answer.py; a test compares both.

import { isBlank, spellClean, strip } from "./spelling.js";

const NAME = /^(?:predicted_)*(churn_probability|churn|expected_gain|reason_[1-9][0-9]*|error)$/;
const CONTRIBUTION = /^.* \([+-][0-9]{1,20}\.[0-9]{2}\)$/s;
const MORE = /^.*\); and [0-9]{1,10} more$/s;
const END = 40; // the last characters of a cell, which hold its contribution or the number of further problems
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const LONGEST_NUMBER = 400;
const LOOKED_AT_ROWS = 1000;

/** The columns of the last earlier answer, [start, end], from 0, the end not included; null without one. */
export function findEarlier(names, rows, fieldNames) {
  const spelled = names.map(spellClean);
  const named = spelled.map((name) => (fieldNames.has(name) ? null : (NAME.exec(name)?.[1] ?? null)));
  for (const [start, stop] of findRuns(named, spelled).reverse()) {
    const end = cutRun(named.slice(start, stop), rows.slice(0, LOOKED_AT_ROWS).map((cells) => cells.slice(start, stop)));
    if (end >= 2) return [start, start + end];
  }
  return null;
}

/** The kinds of the answer's columns: their names from `start` to `end`, without a prefix. */
export const nameAnswer = (names, [start, end]) => names.slice(start, end).map((name) => NAME.exec(spellClean(name))[1]);

/** The number in a cell of an answer, or NaN. */
export function readAnswerNumber(cell) {
  const text = strip(strip(cell).replaceAll(",", ".")).replaceAll("\u2212", "-");
  return text.length <= LONGEST_NUMBER && NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : NaN;
}

/** The ranges of columns whose names are those of an answer, from the left. */
function findRuns(named, spelled) {
  const runs = [];
  for (let start = 0; start < named.length - 1; start++) {
    if (named[start] !== "churn_probability" || named[start + 1] !== "churn") continue;
    if (spelled[start + 2] === `predicted_${spelled[start + 1]}`) continue; // either of the two may be the user's own
    const first = start + 2 + (named[start + 2] === "expected_gain" ? 1 : 0);
    let stop = first;
    while (named[stop] === `reason_${stop - first + 1}`) stop++;
    if (named[stop] === "error") stop++;
    runs.push([start, stop]);
  }
  return runs;
}

/** The number of a run's columns before the first with a cell that an answer does not have. */
function cutRun(named, rows) {
  let stop = named.length;
  for (const cells of rows) {
    const wrong = cells.slice(0, stop).findIndex((cell, at) => !isAlike(cell, named[at]));
    if (wrong >= 0) stop = wrong;
  }
  return stop;
}

function isAlike(cell, name) {
  if (isBlank(cell)) return true;
  if (name === "churn_probability") return readAnswerNumber(cell) >= 0 && readAnswerNumber(cell) <= 1;
  if (name === "expected_gain") return !Number.isNaN(readAnswerNumber(cell));
  if (name === "churn") return ["true", "false"].includes(spellClean(cell));
  if (name !== "error") return cell.includes(" is ") && CONTRIBUTION.test(endOf(cell));
  const expects = cell.includes(" (expected ") || cell.includes(" (did you mean ");
  return expects && cell.includes(": ") && (cell.endsWith(")") || MORE.test(endOf(cell)));
}

const endOf = (cell) => [...cell.slice(-2 * END)].slice(-END).join("");
