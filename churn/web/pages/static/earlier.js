// Which columns of a table are an earlier answer's, by their names and first cells. The rule of churn/tables/answer.py, to
// which a test holds this one.

import { isBlank, spellClean, strip } from "./spelling.js";

const NAME = /^(?:predicted_)*(churn_probability|churn|expected_gain|reason_[1-9][0-9]*|error)$/;
const CONTRIBUTION = /^.* \([+-][0-9]{1,20}\.[0-9]{2}\)$/s;
const MORE = /^.*\); and [0-9]{1,10} more$/s;
const END = 40; // characters of a cell, in which its contribution, or how many more problems there are, stands
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const LONGEST_NUMBER = 400;
const LOOKED_AT_ROWS = 1000;

/** The first column, from 0, of the last earlier answer among them, and the one behind its last; null where there is none. */
export function findEarlier(names, rows, fieldNames) {
  const spelled = names.map(spellClean);
  const named = spelled.map((name) => (fieldNames.has(name) ? null : (NAME.exec(name)?.[1] ?? null)));
  for (const [start, stop] of findRuns(named, spelled).reverse()) {
    const end = cutRun(named.slice(start, stop), rows.slice(0, LOOKED_AT_ROWS).map((cells) => cells.slice(start, stop)));
    if (end >= 2) return [start, start + end];
  }
  return null;
}

/** What the answer's columns are, without a prefix: the names from `start` to `end`. */
export const nameAnswer = (names, [start, end]) => names.slice(start, end).map((name) => NAME.exec(spellClean(name))[1]);

/** The number in a cell of an answer; NaN where there is none. */
export function readAnswerNumber(cell) {
  const text = strip(strip(cell).replaceAll(",", ".")).replaceAll("\u2212", "-");
  return text.length <= LONGEST_NUMBER && NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : NaN;
}

/** Where the names alone are an answer's, from the left. */
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

/** How many columns of a run there are before the first whose cells are no answer's. */
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
