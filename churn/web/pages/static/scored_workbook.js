// The scored workbook: the sheet's own cells unchanged, each row with the cells of the service's answer.

import { MOST_COLUMNS } from "./cells.js";
import { refused } from "./damage.js";
import { putIn } from "./scored.js";
import { Stop } from "./stop.js";
import { SAVE_AS_CSV, WorkbookWriter, nameColumn } from "./workbook_writer.js";

export class ScoredWorkbook {
  #place;
  #writer;

  /**
   * `title` and `header` are rows of the sheet `name`; `columns` has the `names` that the answer adds and the range
   * `replaced`.
   */
  constructor({ title, header, name, from1904 }, columns) {
    this.#place = { width: header.texts.length, replaced: columns.replaced };
    const heads = putIn(header.texts, columns.names, this.#place);
    if (heads.length > MOST_COLUMNS) throw new Stop(`The sheet has no room for the answer\u2019s columns. ${SAVE_AS_CSV}`);
    this.#writer = new WorkbookWriter({ name, from1904, title: title.map(({ cells }) => cells), heads });
  }

  /** Adds the rows of a piece, each with a member of the service's answer. Resolves when they are written. */
  add({ cells, rows: numbers }, members) {
    const rows = cells.map((own, index) => {
      const written = putIn(own, typeAnswer(members[index]), this.#place, null);
      if (written.length > MOST_COLUMNS) throw noRoom(nameColumn(own.length - 1), numbers[index]);
      return written;
    });
    return this.#writer.add(rows);
  }

  /** The file's parts. */
  finish() {
    return this.#writer.finish();
  }
}

const noRoom = (column, row) => refused(`its cell ${column}${row} leaves no room for the answer; clear it`, row);

/** The cells of an answer: probability as a number, churn as true or false, the rest as texts. */
function typeAnswer({ problems, churn_probability: probability, churn, cells }) {
  return problems ? cells.map((cell) => cell || null) : [probability, churn, ...cells.slice(2)];
}
