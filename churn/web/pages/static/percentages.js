// Refuses a workbook's column of percentages in which only some numbers have the sign: a cell that shows 26% holds
// 0.26, so a number without the sign has two readings. The rule and the words are those of
// churn/batch/percentages.py.

import { Percent } from "./cells.js";
import { refused } from "./damage.js";
import { spellClean } from "./spelling.js";

/**
 * Checks the columns of fields with a percent sign. `names` are the column names for the service, `ownNames` the
 * file's.
 */
export class PercentCheck {
  #columns;

  constructor(names, ownNames, percentFields) {
    const columns = [...names.entries()].filter(([, name]) => percentFields.has(spellClean(name)));
    this.#columns = columns.map(([column]) => ({ column, name: ownNames[column], withSign: 0, without: 0 }));
  }

  /** Checks the next rows of a workbook. Raises Stop if a cell has the sign and another number does not. */
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
