// Collects the rows of a list that could not be scored, and shows them in groups: one for each field and problem, the
// largest first.

import { byId, make } from "./elements.js";
import { readErrorCell } from "./error_cell.js";
import { marksOf, stateProblem, wordExpected } from "./problem_words.js";
import { isBlank, spellClean } from "./spelling.js";
import { count, cut, spellCount } from "./words.js";

const FIRST_ROWS = 10; // shown of each group
const MOST_GROUPS = 50;

/**
 * Collects the bad rows of a table. Keeps only the first rows of each group, so memory does not grow with the table.
 */
export class BadRows {
  count = 0;
  unlisted = 0; // rows with more problems than are listed
  #groups = new Map();

  /** `names` are the file's column names, `sent` the names that the service got. */
  constructor({ names, sent, form }) {
    this.names = names;
    this.form = form;
    this.fields = sent.map(spellClean);
  }

  /**
   * Adds the bad rows of a piece, by their answers. `own` is the number of the column that names a row, if there is
   * one.
   */
  add({ records, rows }, members, own) {
    for (const [index, { problems, problem_count: all = 0, cells }] of members.entries()) {
      if (!problems) continue;
      this.count++;
      if (all > problems.length) this.unlisted++;
      const listed = problems.every(({ expected }) => expected !== undefined) ? [] : readErrorCell(cells?.at(-1) ?? "", this.form).problems;
      const inFull = problems.map((problem, at) => ({ ...(listed[at]?.field === (problem.field ?? null) ? listed[at] : {}), ...problem }));
      const row = { row: rows[index], own: cut(records[index][own] ?? "") };
      for (const group of new Set(inFull.map((problem) => this.#groupOf(problem)))) this.#put(group, row, records[index], inFull);
    }
  }

  /** The groups, largest first: { problem, column, rows, first }. `column` is a column's number, -1 without one. */
  get groups() {
    return [...this.#groups.values()].sort((one, other) => other.rows - one.rows);
  }

  #groupOf(problem) {
    const key = keyOf(problem);
    if (!this.#groups.has(key)) this.#groups.set(key, { key, problem, column: this.fields.indexOf(problem.field), rows: 0, first: [] });
    return this.#groups.get(key);
  }

  #put(group, row, record, problems) {
    group.rows++;
    const { expected, did_you_mean: meant } = problems.find((problem) => keyOf(problem) === group.key);
    group.problem.expected ??= expected;
    if (group.first.length < FIRST_ROWS) group.first.push({ ...row, cell: cut(record[group.column] ?? ""), meant });
  }
}

function keyOf(problem) {
  const partner = problem.with ?? {};
  return JSON.stringify([problem.field ?? null, problem.problem, partner.field ?? null, String(partner.value ?? ""), marksOf(problem)]);
}

/**
 * Shows the groups. `own` is the column that names a row, { name }, or null; `inFile` says where all the rows are.
 */
export function showBadRows(bad, { form, own, inFile }) {
  byId("bad").hidden = !bad.count;
  const { groups } = bad;
  const shown = groups.slice(0, MOST_GROUPS);
  const hints = [`${count(bad.count, "row")}, grouped by problem. A row with several problems is in several groups.`];
  if (groups.length > shown.length) hints.push(`The largest ${MOST_GROUPS} of ${spellCount(groups.length)} groups are shown.`);
  if (bad.unlisted) hints.push(`${count(bad.unlisted, "row")} ${bad.unlisted === 1 ? "has" : "have"} more than five problems; those after the fifth are not in any group.`);
  byId("bad-hint").textContent = hints.join(" ");
  const makers = shown.map((group, at) => makeGroup(group, { names: bad.names, form, own, inFile, isOpen: at === 0 }));
  byId("bad-groups").replaceChildren(...makers);
}

function makeGroup(group, { names, form, own, inFile, isOpen }) {
  const { problem, rows, first } = group;
  const title = `${count(rows, "row")}: ${stateProblem(problem, form)}`;
  const expected = wordAllExpected(problem, form);
  const parts = [make("summary", {}, title)];
  if (expected) parts.push(make("p", { className: "hint" }, expected));
  parts.push(makeTable(group, { title, column: names[group.column], own, form }));
  const left = rows - first.length;
  if (left) parts.push(make("p", { className: "hint" }, `The first ${first.length}; ${count(left, "more row")} ${left === 1 ? "is" : "are"} in ${inFile}.`));
  return make("details", { className: "bad-group", open: isOpen }, ...parts);
}

/** The expected values in words: all categories of the field if the problem lists none or only some of them. */
function wordAllExpected(problem, form) {
  const { expected, field } = problem;
  const isShort = expected === undefined || (Array.isArray(expected) && expected.includes("..."));
  return isShort && form.controls.has(field) && form.categories(field) ? `Expected: ${form.hint(field)}.` : wordExpected(problem, form);
}

function makeTable({ problem, first }, { title, column, own, form }) {
  const hasMeant = first.some(({ meant }) => meant !== undefined);
  const heads = ["Row", ...(own ? [own.name] : []), ...(column === undefined ? [] : [column]), ...(hasMeant ? ["Did you mean"] : [])];
  const rows = first.map(({ row, own: name, cell, meant }) =>
    [String(row), ...(own ? [name] : []), ...(column === undefined ? [] : [isBlank(cell) ? make("span", { className: "hint" }, "(blank)") : cell]), ...(hasMeant ? [meant === undefined ? "" : form.word(problem.field, meant)] : [])],
  );
  const table = make(
    "table",
    { className: "rows" },
    make("thead", {}, make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))))),
  );
  table.setAttribute("aria-label", title);
  const scroll = make("div", { className: "scroll", tabIndex: 0 }, table);
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", title);
  return scroll;
}
