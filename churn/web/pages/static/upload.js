// Scores a table: sends it to the service in pieces, and joins the answers to its rows. Does not know the kinds of
// files.

import { BadRows } from "./bad_rows.js";
import { refuseErrors } from "./cell_errors.js";
import { wordColumns } from "./columns.js";
import { writeRecord } from "./csv.js";
import { Customers } from "./customers.js";
import { ask } from "./key.js";
import { findOwnColumn } from "./own_column.js";
import { PercentCheck } from "./percentages.js";
import { Stop } from "./stop.js";
import { Tally } from "./tally.js";
import { versionOf } from "./version.js";
import { UNREACHABLE, adviseOn, readRefusal, sentence } from "./words.js";

const MOST_TRIES = 6;
const READ_APART =
  "The service and this page do not find the same rows in this file. Save it once more as \u2018CSV UTF-8\u2019, then try again.";
const BUSY = [502, 503, 504]; // the service's own, and a proxy's while the service is replaced
const SENT_LINE_END = "\r\n";

/**
 * Scores a table. Returns its tally, the scored `customers`, the `bad` rows, `columns` as readColumns gives them,
 * `own` as findOwnColumn does, the `hiddenRows` of a workbook, and `parts`, which make up the scored file, in order.
 *
 * `names` are the column names for the service; the scored file keeps the table's own. With the first piece, of
 * `firstRows` rows, the service decides the names of the answer's columns, and which of the table's columns are an
 * earlier answer's. Every further piece states the latter, and the decimal mark of the pieces before.
 * `reportProgress` gets { done (0 to 1), rows } after each piece, and { waiting_s } while the service is busy. Raises
 * Stop, or the signal's AbortError.
 */
export async function scoreTable(table, { names, form, fieldNames, bodyBytes, firstRows, pieceBytes, pieceRows, signal, reportProgress }) {
  const percents = new PercentCheck(names, table.names, form.percentFields());
  const header = writeHeader(names, table.delimiter);
  const bad = new BadRows({ names: table.names, sent: names, form });
  let [version, columns, own, tally, customers, output, writtenMark] = [null, null, null, null, null, null, null];
  do {
    const [most, maxRows] = columns ? [pieceBytes, pieceRows] : [bodyBytes, firstRows];
    const piece = await table.take({ room: Math.max(most - header.bytes.length, 1024), maxRows });
    percents.check(piece);
    const body = new Blob([header.bytes, piece.bytes]);
    const wordPlace = (line) => piece.place(line - header.lines);
    const response = await send(body, { signal, reportProgress, wordPlace, earlier: columns?.earlier ?? "replace", decimalMark: table.decimalMark });
    table.decimalMark = response.headers.get("X-Decimal-Mark");
    version ??= versionOf(response);
    if (version !== versionOf(response)) {
      throw new Stop("The service changed its model in the middle of the file, and one file must not mix two models. Start again.");
    }
    columns ??= readColumns(response, table.names);
    own ??= findOwnColumn(names, columns, fieldNames);
    tally ??= new Tally();
    customers ??= new Customers({ names: table.names, sent: names, fieldNames, replaced: columns.replaced });
    output ??= table.newOutput(columns);
    const answered = await response.json();
    if (piece.records.length !== answered.length || piece.rows.length !== answered.length) throw new Stop(READ_APART);
    writtenMark ??= findWrittenMark(answered);
    for (const { cells, problems } of answered) if (!problems) cells[0] = cells[0].replace(/[.,]/, writtenMark);
    const members = refuseErrors(answered, { errors: piece.errors, names, fieldNames });
    tally.add(members);
    customers.add(piece, members);
    bad.add(piece, members, own?.number);
    tally.addOutside(response.headers.get("X-Out-Of-Range"));
    await output.add(piece, members);
    reportProgress({ done: table.share, rows: tally.rows });
  } while (!table.isAtEnd);
  if (!tally.rows) throw new Stop("The file has a header line, but no customer below it.");
  [customers.decimalMark, customers.delimiter] = [table.decimalMark, table.delimiter];
  return { tally, customers, bad, columns, own, hiddenRows: table.hiddenRows ?? 0, parts: await output.finish() };
}

/** The decimal mark of the probabilities. The whole file has this one, whatever mark a later piece finds. */
const findWrittenMark = (members) => members.map(({ cells, problems }) => !problems && /[.,]/.exec(cells[0])).find(Boolean)?.[0];

/** A header to send, with a `sep=` line so that the service need not guess the delimiter, and its number of lines. */
function writeHeader(names, delimiter) {
  const text = [`sep=${delimiter}`, writeRecord(names, delimiter), ""].join(SENT_LINE_END);
  return { bytes: new TextEncoder().encode(text), lines: text.match(/\r\n|\r|\n/g).length };
}

/**
 * The `names` of the answer's columns, and the `renamed` ones, { asked, name }, which do not have the name that was
 * `asked` for.
 *
 * `replaced` is the range of the file's columns that they replace, [start, end], from 0, the end not included;
 * `replacedNames` are the names of these, and `earlier` is how further pieces state this to the service.
 */
function readColumns(response, ownNames) {
  const names = response.headers.get("X-Answer-Columns").split(", ");
  const reasons = Array.from({ length: names.length - 3 }, (_, number) => `reason_${number + 1}`);
  const asked = ["churn_probability", "churn", ...reasons, "error"];
  const renamed = asked.map((name, number) => ({ asked: name, name: names[number] })).filter(({ asked, name }) => name !== asked);
  const earlier = response.headers.get("X-Replaced-Columns") ?? "keep";
  const [first, last] = earlier === "keep" ? [1, 0] : earlier.split("-").map(Number);
  const replaced = [first - 1, last];
  return { names, renamed, replaced, replacedNames: ownNames.slice(...replaced), earlier };
}

/** The service's answer to a piece; waits and tries again while the service is busy. */
async function send(body, { signal, reportProgress, wordPlace, earlier, decimalMark }) {
  for (let tries = 1; ; tries++) {
    const headers = { "Content-Type": "text/csv", Accept: "application/json" };
    const mark = decimalMark ? `&decimal_mark=${decimalMark}` : "";
    const asked = ask(`/predict?errors=report&explain=3&cells=true&earlier=${earlier}${mark}`, { method: "POST", headers, body, signal });
    const response = await asked.catch((error) => {
      throw signal.aborted ? error : new Stop(UNREACHABLE);
    });
    if (response.ok) return response;
    if (!BUSY.includes(response.status) || tries === MOST_TRIES) throw new Stop(wordRefusal(await readRefusal(response), wordPlace));
    const waiting_s = Math.min(Number(response.headers.get("Retry-After")) || 5, 60);
    reportProgress({ waiting_s });
    await pause(waiting_s, signal);
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** A refusal in words. The service counts a piece's lines; the words have the file's. */
function wordRefusal(refusal, wordPlace) {
  const names = (kind) => refusal.problems.filter(({ problem }) => problem === kind).map(({ field }) => field);
  const columns = wordColumns({ missing: names("missing"), twice: names("given twice") });
  if (columns) return columns;
  if (refusal.line) return `${wordPlace(refusal.line)}: ${refusal.problem}${/[.?]$/.test(refusal.problem) ? "" : "."}`;
  return refusal.status === 400 || refusal.status === 413 ? `${sentence(refusal.detail)}.` : adviseOn(refusal);
}
