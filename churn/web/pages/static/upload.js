// A customer list on its way through the service: read piece by piece, cut between rows, sent one after another.

import { cutRecords, parseRecords } from "./csv.js";
import { ask } from "./key.js";
import { Tally } from "./tally.js";
import { versionOf } from "./version.js";
import { UNREACHABLE, adviseOn, readRefusal, sentence, spellClean } from "./words.js";

const DELIMITERS = [",", ";", "\t"];
const MOST_HEADER_BYTES = 64 * 1024;
const MOST_TRIES = 6;
const BUSY = [502, 503, 504]; // the service's own, and a proxy's while the service is replaced

/** Why a list could not be scored, in words. */
export class Stop extends Error {}

/**
 * Scores a file. Returns its tally, `columns` as readColumns gives them, and `parts`, which in a row are the scored file.
 *
 * The service decides with the first piece, of `firstRows` rows, what the answer's columns are called and which of the
 * file's are an earlier answer's; with every further piece it is told which these are.
 * `tell` hears { done (bytes), rows, waiting_s } as it goes on. Raises Stop, or the signal's AbortError.
 */
export async function scoreFile(file, { fieldNames, bodyBytes, firstRows, pieceBytes, pieceRows, signal, tell }) {
  const header = await readHeader(file, fieldNames);
  const tally = new Tally(fieldNames);
  const parts = [];
  let [at, linesBefore, rowsBefore, version, columns] = [header.bytes.length, header.lines, header.rows, null, null];
  do {
    const [most, maxRows] = columns ? [pieceBytes, pieceRows] : [bodyBytes, firstRows];
    const room = Math.max(most - header.bytes.length, 1024);
    const piece = await readPiece(file, { at, room, maxRows, delimiter: header.delimiter, linesBefore });
    const body = new Blob([header.bytes, piece.bytes]);
    const response = await send(body, { signal, tell, linesBefore: linesBefore - header.lines, earlier: columns?.replaced ?? "replace" });
    version ??= versionOf(response);
    if (version !== versionOf(response)) {
      throw new Stop("The service changed its model in the middle of the file, and a file must not mix two. Start again.");
    }
    columns ??= readColumns(response, header);
    const answer = new Uint8Array(await response.arrayBuffer());
    parts.push(new Blob([parts.length ? withoutHeader(answer, header.delimiter) : answer]));
    const before = rowsBefore;
    const records = parseRecords(new TextDecoder().decode(answer), header.delimiter);
    const known = records.length - 1 === piece.filled.length; // else a row's number would be a guess
    tally.add(records, columns, (index) => (known ? before + piece.filled[index] + 1 : null));
    if (tally.mixed) throw new Stop("The file writes some numbers with a comma and some with a point. Use one of them.");
    at += piece.end;
    linesBefore += piece.lines;
    rowsBefore += piece.rows;
    tell({ done: at, rows: tally.rows });
  } while (at < file.size);
  if (!tally.rows) throw new Stop("The file has a header line, but no customer under it.");
  return { tally, columns, parts };
}

/**
 * What the answer's columns are called, as `names`; which of the file's they replace, as the service takes it for the
 * further pieces; and these ones' names.
 */
function readColumns(response, header) {
  const replaced = response.headers.get("X-Replaced-Columns");
  const [first, last] = (replaced ?? "1-0").split("-").map(Number);
  const names = response.headers.get("X-Answer-Columns").split(", ");
  return { names, replaced: replaced ?? "keep", replacedNames: header.names.slice(first - 1, last) };
}

/** The header's bytes, its lines and rows, its names, and the delimiter with which it names the most fields. */
async function readHeader(file, fieldNames) {
  if (file.size === 0) throw new Stop("The file is empty. It needs a header line, and a customer a row.");
  const bytes = await readBytes(file, 0, MOST_HEADER_BYTES);
  const candidates = DELIMITERS.map((delimiter) => {
    const cut = cutRecords(bytes, { delimiter: delimiter.charCodeAt(0), maxRows: 1, last: file.size <= bytes.length });
    const [names = []] = parseRecords(new TextDecoder().decode(bytes.subarray(0, cut.end)), delimiter);
    const named = names.filter((name) => fieldNames.has(spellClean(name))).length;
    return { delimiter, named, names, lines: cut.lines, rows: cut.rows, bytes: bytes.subarray(0, cut.end) };
  });
  const header = candidates.reduce((best, one) => (one.named > best.named ? one : best));
  if (!header.bytes.length) throw new Stop("The file\u2019s first line is too long for a header. Is it a CSV?");
  return header;
}

/** The next whole rows of a file. */
async function readPiece(file, { at, room, maxRows, delimiter, linesBefore }) {
  const bytes = await readBytes(file, at, room);
  const last = at + bytes.length >= file.size;
  const cut = cutRecords(bytes, { delimiter: delimiter.charCodeAt(0), maxRows, last });
  if (!cut.end && bytes.length) {
    throw new Stop(`The row at line ${linesBefore + 1} is too long. Is there a quote that nothing closes?`);
  }
  return { ...cut, bytes: bytes.subarray(0, cut.end) };
}

async function readBytes(file, at, length) {
  try {
    return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
  } catch {
    throw new Stop("The file can\u2019t be read any more. Has it been changed or moved? Choose it again.");
  }
}

/** The service's answer to a piece; waits and tries again while it is busy. */
async function send(body, { signal, tell, linesBefore, earlier }) {
  for (let tries = 1; ; tries++) {
    const headers = { "Content-Type": "text/csv" };
    const asked = ask(`/predict?errors=report&explain=3&earlier=${earlier}`, { method: "POST", headers, body, signal });
    const response = await asked.catch((error) => {
      throw signal.aborted ? error : new Stop(UNREACHABLE);
    });
    if (response.ok) return response;
    if (!BUSY.includes(response.status) || tries === MOST_TRIES) throw new Stop(wordRefusal(await readRefusal(response), linesBefore));
    const waiting_s = Math.min(Number(response.headers.get("Retry-After")) || 5, 60);
    tell({ waiting_s });
    await pause(waiting_s, signal);
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** A refusal in words; lines are told of a piece, and meant of the file. */
function wordRefusal(refusal, linesBefore) {
  const names = (kind) => refusal.problems.filter((one) => one.problem === kind).map((one) => one.field);
  const [missing, twice] = [names("missing"), names("given twice")];
  const told = [];
  if (missing.length) told.push(`Its header line has no column for: ${missing.join(", ")}. Add what is missing, then drop the file again.`);
  if (twice.length) told.push(`Its header line has more than one column for: ${twice.join(", ")}. Keep one of each.`);
  if (told.length) return told.join(" ");
  const inFile = (_, line) => `line ${Number(line) + linesBefore}`;
  return refusal.status === 400 || refusal.status === 413
    ? `${sentence(refusal.detail.replace(/\bline (\d+)/, inFile))}.`
    : adviseOn(refusal);
}

/** An answer's bytes behind its header (and its byte order mark). */
function withoutHeader(answer, delimiter) {
  const { end } = cutRecords(answer, { delimiter: delimiter.charCodeAt(0), maxRows: 1, last: true });
  return answer.subarray(end);
}
