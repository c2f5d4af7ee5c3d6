// Reads a scored file again: takes the answers from the file, without asking the service.

import { BadRows } from "./bad_rows.js";
import { Customers } from "./customers.js";
import { nameAnswer, readAnswerNumber } from "./earlier.js";
import { readErrorCell } from "./error_cell.js";
import { findOwnColumn } from "./own_column.js";
import { isBlank, spellClean } from "./spelling.js";
import { Stop } from "./stop.js";
import { Tally } from "./tally.js";

const PIECE_BYTES = 2 ** 20;
const PIECE_ROWS = 5000;

/**
 * The same as scoreTable returns, with `isReadBack`, for a table whose columns from `earlier[0]` to `earlier[1]` are
 * an answer.
 *
 * Raises Stop, or the signal's AbortError.
 */
export async function readBack(table, { earlier, form, fieldNames, signal, reportProgress }) {
  const { names } = table;
  const own = findOwnColumn(names, { replaced: earlier }, fieldNames);
  const [tally, bad] = [new Tally(), new BadRows({ names, sent: names, form })];
  const customers = new Customers({ names, sent: names, fieldNames, replaced: earlier });
  const kinds = nameAnswer(names, earlier);
  let mark = table.decimalMark;
  do {
    const piece = await table.take({ room: PIECE_BYTES, maxRows: PIECE_ROWS });
    signal.throwIfAborted();
    const members = piece.records.map((cells) => readAnswer(cells.slice(...earlier), kinds, form));
    mark ??= findMark(piece.records.map((cells) => cells[earlier[0]] ?? ""));
    tally.add(members);
    customers.add(piece, members);
    bad.add(piece, members, own?.number);
    reportProgress({ done: table.share, rows: tally.rows });
    await new Promise((resume) => setTimeout(resume)); // lets the page respond, and Cancel be pressed
  } while (!table.isAtEnd);
  if (!tally.rows) throw new Stop("The file has a header line, but no customer below it.");
  [customers.decimalMark, customers.delimiter] = [mark, table.delimiter];
  return { tally, customers, bad, columns: { renamed: [], replaced: earlier, replacedNames: [] }, own, hiddenRows: table.hiddenRows ?? 0, isReadBack: true };
}

/** A row's answer in the service's form, with the reasons in the file's words. */
function readAnswer(cells, kinds, form) {
  const cellOf = (kind) => cells[kinds.indexOf(kind)] ?? "";
  const probability = readAnswerNumber(cellOf("churn_probability"));
  const churn = spellClean(cellOf("churn"));
  if (probability >= 0 && probability <= 1 && ["true", "false"].includes(churn)) {
    const reasons = cells.filter((cell, at) => kinds[at].startsWith("reason_") && !isBlank(cell)).map((words) => ({ words }));
    return { churn_probability: probability, churn: churn === "true", reasons };
  }
  const error = cellOf("error");
  return isBlank(error) ? { problems: [{ field: null, problem: "it has no answer in this file" }] } : readErrorCell(error, form);
}

/** The decimal mark of a CSV's probabilities; null if they have none. */
const findMark = (cells) => (cells.some((cell) => cell.includes(",")) ? "comma" : cells.some((cell) => cell.includes(".")) ? "point" : null);
