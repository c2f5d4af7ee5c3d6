// Asks for the columns of fields that a file names otherwise. The choices are kept only while the page is open.

import { askChoices } from "./choices.js";
import { compareColumns, guessColumns, wordColumns } from "./columns.js";
import { isBlank, spellClean, strip } from "./spelling.js";
import { Stop } from "./stop.js";
import { count, spellCount } from "./words.js";

const SHOWN_VALUES = 2;
const SHOWN_LETTERS = 24;
const MOST_COLUMNS = 500; // to choose from: each missing field has an element for every column
const HINT =
  "Choose the column of the file for each; where a column is likely, it is already chosen. Without a column for each, the file can\u2019t be scored. " +
  "The scored file keeps your own names.";

const chosenBefore = new Map(); // from clean names of columns to fields

/**
 * The names of a table's columns for the service: a column that a person chose for a missing field has the field's
 * name.
 *
 * `sample` are the table's first rows. Raises Stop if there are too few columns, or more than one for a field, and
 * the signal's AbortError.
 */
export async function nameColumns(table, { sample, form, signal }) {
  const compared = compareColumns(table.names, new Set(form.controls.keys()));
  const { missing, twice, others } = compared;
  if (!missing.length && !twice.length) return table.names;
  if (twice.length || others.length < missing.length) throw new Stop(wordColumns(compared));
  const columns = others.slice(0, MOST_COLUMNS).map((number) => ({ number, name: table.names[number], cells: sample.map((cells) => cells[number] ?? "") }));
  const fields = missing.map((field) => ({ field, label: form.label(field), categories: form.categories(field) }));
  const guesses = guessColumns(fields, columns);
  const options = [["", "Choose a column"], ...columns.map((column) => [String(column.number), describeColumn(column)])];
  const choices = fields.map(({ field, label }) => {
    const remembered = columns.find(({ name }) => chosenBefore.get(spellClean(name)) === field)?.number;
    const chosen = String(remembered ?? guesses.get(field) ?? "");
    return { label: `Which of your columns is ${label}?`, hint: form.hint(field), options, chosen };
  });
  const more = others.length > MOST_COLUMNS ? ` The first ${MOST_COLUMNS} of its ${spellCount(others.length)} other columns are offered.` : "";
  const title = missing.length === 1 ? "One column is missing" : `${count(missing.length, "column")} are missing`;
  const chosen = await askChoices({ title, hint: HINT + more, choices, signal });
  const names = [...table.names];
  for (const [index, number] of chosen.entries()) {
    chosenBefore.set(spellClean(names[number]), missing[index]);
    names[number] = missing[index];
  }
  return names;
}

/** A column's name and its first values. */
function describeColumn({ number, name, cells }) {
  const values = [...new Set(cells.map(strip).filter((cell) => !isBlank(cell)))].slice(0, SHOWN_VALUES);
  const shown = values.map((value) => (value.length > SHOWN_LETTERS ? `${value.slice(0, SHOWN_LETTERS)}\u2026` : value));
  return `${strip(name) || `Column ${number + 1}`}${shown.length ? ` (${shown.join(", ")})` : ""}`;
}
