// Reads the problems of a row back from an answer's column `error`, which churn/errors.py writes.

const MORE = /; and ([0-9]+) more$/;
const PROBLEM = /^(.*?)(?: \((expected|did you mean) (.*)\))?$/s;

/**
 * The problems in a cell, as the service gives them, and their number: { problems, problem_count }.
 *
 * `form` has the model's fields. A cell in any other form is one problem, in its own words.
 */
export function readErrorCell(cell, form) {
  const more = MORE.exec(cell);
  const text = more ? cell.slice(0, more.index) : cell;
  const starts = findStarts(text, form);
  const ends = [...starts.slice(1).map((start) => start - 2), text.length];
  const problems = starts.map((start, at) => readProblem(text.slice(start, ends[at]), form));
  return { problems, problem_count: problems.length + Number(more?.[1] ?? 0) };
}

/**
 * The places at which problems begin: each but the first follows the end of another, and begins with the name of a
 * field.
 */
function findStarts(text, form) {
  const isBegun = (start) => {
    const name = text.slice(start, text.indexOf(": ", start));
    return name === "row" || form.controls.has(name);
  };
  const starts = [0];
  for (let at = text.indexOf("); "); at >= 0; at = text.indexOf("); ", at + 1)) if (isBegun(at + 3)) starts.push(at + 3);
  return starts;
}

function readProblem(text, form) {
  const [name, ...rest] = text.split(": ");
  if (!rest.length || (name !== "row" && !form.controls.has(name))) return { field: null, problem: text };
  const [, words, kind, advice] = PROBLEM.exec(rest.join(": "));
  const field = name === "row" ? null : name;
  const problem = { field, ...readPartner(words) };
  if (kind === "expected") problem.expected = problem.with ? advice : readExpected(advice, field, form);
  if (kind === "did you mean") problem.did_you_mean = advice.replace(/\?$/, "");
  return problem;
}

function readPartner(words) {
  const [, field, value] = /^contradicts (\S+) (.*)$/s.exec(words) ?? [];
  return field ? { problem: "contradicts", with: { field, value } } : { problem: words };
}

/** The expected categories as a list, or the text if it is not such a list. */
function readExpected(text, field, form) {
  const categories = field && form.controls.has(field) ? form.categories(field) : null;
  const words = text.split(", ").map((word) => (word === "blank" && categories?.has("") ? "" : word));
  return categories && words.every((word) => categories.has(word) || word === "...") ? words : text;
}
