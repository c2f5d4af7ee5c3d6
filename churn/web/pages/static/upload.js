// A customer list on its way through the service: read piece by piece, cut between rows, sent one after another.

import { cutRecords, decode, parseRecords } from "./csv.js";
import { ask } from "./key.js";
import { ScoredFile } from "./scored.js";
import { spellClean, strip } from "./spelling.js";
import { Tally } from "./tally.js";
import { versionOf } from "./version.js";
import { UNREACHABLE, adviseOn, readRefusal, sentence } from "./words.js";

const DELIMITERS = [",", ";", "\t"];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const MOST_HEADER_BYTES = 64 * 1024;
const MOST_TRIES = 6;
const READ_APART =
  "The service and this page do not find the same rows in this file. Save it once more as \u2018CSV UTF-8\u2019, then try again.";
const BUSY = [502, 503, 504]; // the service's own, and a proxy's while the service is replaced

/** Why a list could not be scored, in words. */
export class Stop extends Error {}

/**
 * Scores a file. Returns its tally, `columns` as readColumns gives them, `own` as findOwnColumn does, and `parts`, which
 * in a row are the scored file.
 *
 * The service decides with the first piece, of `firstRows` rows, what the answer's columns are called and which of the
 * file's are an earlier answer's; with every further piece it is told which these are.
 * `tell` hears { done (bytes), rows, waiting_s } as it goes on. Raises Stop, or the signal's AbortError.
 */
export async function scoreFile(file, { fieldNames, bodyBytes, firstRows, pieceBytes, pieceRows, signal, tell }) {
  const header = await readHeader(file, fieldNames);
  let [at, linesBefore, rowsBefore, version] = [header.bytes.length, header.lines, header.rows, null];
  let [columns, own, tally, scored] = [null, null, null, null];
  do {
    const [most, maxRows] = columns ? [pieceBytes, pieceRows] : [bodyBytes, firstRows];
    const room = Math.max(most - header.bytes.length, 1024);
    const piece = await readPiece(file, { at, room, maxRows, delimiter: header.delimiter, linesBefore });
    const body = new Blob([header.bytes, piece.bytes]);
    const response = await send(body, { signal, tell, linesBefore: linesBefore - header.lines, earlier: columns?.earlier ?? "replace" });
    version ??= versionOf(response);
    if (version !== versionOf(response)) {
      throw new Stop("The service changed its model in the middle of the file, and a file must not mix two. Start again.");
    }
    columns ??= readColumns(response, header);
    own ??= findOwnColumn(header, columns, fieldNames);
    tally ??= new Tally(own?.number);
    scored ??= new ScoredFile(header, columns);
    const members = await response.json();
    const records = parseRecords(decode(piece.bytes), header.delimiter);
    if (records.length !== members.length || piece.filled.length !== members.length) throw new Stop(READ_APART);
    const before = rowsBefore;
    tally.add(records, members, (index) => before + piece.filled[index] + 1);
    scored.add(records, members.map((member) => member.cells));
    if (tally.mixed) throw new Stop("The file writes some numbers with a comma and some with a point. Use one of them.");
    at += piece.end;
    linesBefore += piece.lines;
    rowsBefore += piece.rows;
    tell({ done: at, rows: tally.rows });
  } while (at < file.size);
  if (!tally.rows) throw new Stop("The file has a header line, but no customer under it.");
  return { tally, columns, own, parts: scored.parts };
}

/**
 * What the answer's columns are called, as `names`, and those of them that are not called as they were `asked` for.
 *
 * `replaced` are the first of the file's columns that they replace, from 0, and the one behind the last, `replacedNames`
 * the names of these, and `earlier` is how the service is told so with the further pieces.
 */
function readColumns(response, header) {
  const names = response.headers.get("X-Answer-Columns").split(", ");
  const reasons = Array.from({ length: names.length - 3 }, (_, number) => `reason_${number + 1}`);
  const asked = ["churn_probability", "churn", ...reasons, "error"];
  const renamed = asked.map((name, number) => ({ asked: name, name: names[number] })).filter(({ asked, name }) => name !== asked);
  const earlier = response.headers.get("X-Replaced-Columns") ?? "keep";
  const [first, last] = earlier === "keep" ? [1, 0] : earlier.split("-").map(Number);
  const replaced = [first - 1, last];
  return { names, renamed, replaced, replacedNames: header.names.slice(...replaced), earlier };
}

/** The number, from 0, and the name of the first column that is neither the model's nor replaced; null without one. */
function findOwnColumn(header, { replaced: [first, end] }, fieldNames) {
  const isOwn = (name, number) => !(number >= first && number < end) && !fieldNames.has(spellClean(name));
  const number = header.names.findIndex(isOwn);
  return number < 0 ? null : { number, name: strip(header.names[number]) || `Column ${number + 1}` };
}

/**
 * The header's bytes, its lines and rows, its names, and the delimiter with which it names the most fields; the file's
 * line end, and whether it begins with a byte order mark.
 */
async function readHeader(file, fieldNames) {
  if (file.size === 0) throw new Stop("The file is empty. It needs a header line, and a customer a row.");
  const start = await readBytes(file, 0, MOST_HEADER_BYTES);
  const hasMark = BYTE_ORDER_MARK.every((byte, at) => start[at] === byte);
  const bytes = start.subarray(hasMark ? BYTE_ORDER_MARK.length : 0);
  const candidates = DELIMITERS.map((delimiter) => {
    const cut = cutRecords(bytes, { delimiter: delimiter.charCodeAt(0), maxRows: 1, last: file.size <= start.length });
    const text = decode(bytes.subarray(0, cut.end));
    const [names = []] = parseRecords(text, delimiter);
    const named = names.filter((name) => fieldNames.has(spellClean(name))).length;
    const [lineEnd = "\n"] = text.match(/\r\n|\r|\n/) ?? [];
    const ownBytes = start.subarray(0, start.length - bytes.length + cut.end);
    return { delimiter, named, names, lineEnd, hasMark, lines: cut.lines, rows: cut.rows, bytes: ownBytes };
  });
  const header = candidates.reduce((best, candidate) => (candidate.named > best.named ? candidate : best));
  if (!header.rows) throw new Stop("The file\u2019s first line is too long for a header. Is it a CSV?");
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
    const headers = { "Content-Type": "text/csv", Accept: "application/json" };
    const asked = ask(`/predict?errors=report&explain=3&cells=true&earlier=${earlier}`, { method: "POST", headers, body, signal });
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

/** A refusal in words; the service counts a piece's lines, a person the file's. */
function wordRefusal(refusal, linesBefore) {
  const names = (kind) => refusal.problems.filter(({ problem }) => problem === kind).map(({ field }) => field);
  const [missing, twice] = [names("missing"), names("given twice")];
  const told = [];
  if (missing.length) told.push(`Its header line has no column for: ${missing.join(", ")}. Add what is missing, then drop the file again.`);
  if (twice.length) told.push(`Its header line has more than one column for: ${twice.join(", ")}. Keep one of each.`);
  if (told.length) return told.join(" ");
  if (refusal.line) return `The CSV, line ${refusal.line + linesBefore}: ${refusal.problem}.`;
  return refusal.status === 400 || refusal.status === 413 ? `${sentence(refusal.detail)}.` : adviseOn(refusal);
}
