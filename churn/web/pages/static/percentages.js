// Columns of percentages in a workbook, where a number without the sign may be meant in two ways: 26% holds 0.26. The
// rule and the words of churn/batch/percentages.py.

import { Percent } from "./cells.js";
import { refused } from "./damage.js";
import { spellClean } from "./spelling.js";

/** Looks through the columns of fields whose numbers have a percent sign; `names` are the columns' as the model has them. */
export class PercentCheck {
  #columns;

  constructor(names, ownNames, percentFields) {
    const columns = [...names.entries()].filter(([, name]) => percentFields.has(spellClean(name)));
    this.#columns = columns.map(([column]) => ({ column, name: ownNames[column], withSign: 0, without: 0 }));
  }

  /** Takes the next rows of a workbook into account. Raises Stop when a cell has the sign and another number has not. */
  check({ cells: rows, rows: numbers }) {
    for (const state of rows ? this.#columns : []) {
      for (const [index, cells] of rows.entries()) checkCell(state, cells[state.column], numbers[index]);
    }
  }
}

function checkCell(state, cell, row) {
  if (cell instanceof Percent || (typeof cell === "string" && cell.includes("%"))) state.withSign ||= row;
  else if (typeof cell === "number") state.without ||= row;
  if (!state.withSign || !state.without) return;
  const reason = `\u2018${state.name}\u2019 is a number without a percent sign here, and has the sign in row ${state.withSign.toLocaleString("en")}`;
  throw refused(`${reason}; show all cells of the column alike`, state.without);
}
