// The customer list's part of the page: takes a file, shows how far it is, then what came out.

import { byId, draw, make } from "./elements.js";
import { compareColumns, wordColumns } from "./columns.js";
import { Stop } from "./stop.js";
import { openTable } from "./table.js";
import { scoreTable } from "./upload.js";
import { spellClean } from "./spelling.js";
import { count, inPercent, withSign } from "./words.js";

export function startList(form) {
  let running = null;
  let address = "";

  async function score(file) {
    running?.abort();
    const mine = (running = new AbortController());
    URL.revokeObjectURL(address);
    showStart(file);
    let table = null;
    try {
      const fieldNames = new Set(form.controls.keys());
      table = await openTable(file, { fieldNames, signal: mine.signal });
      const names = table.names;
      const columns = compareColumns(names, fieldNames);
      if (columns.missing.length || columns.twice.length) throw new Stop(wordColumns(columns));
      showForm(table, await table.sample(), form);
      const tell = (state) => mine.signal.aborted || showProgress(state);
      const scored = await scoreTable(table, { names, fieldNames, ...readSizes(), signal: mine.signal, tell });
      if (mine.signal.aborted) return;
      address = URL.createObjectURL(new Blob(scored.parts, { type: table.scoredType }));
      showScored(scored, { form, address, name: nameScored(file, table) });
    } catch (error) {
      if (mine !== running) return; // another file has taken its place
      const unknown = "Something went wrong in this page. Reload it, then try again.";
      fail(mine.signal.aborted ? "Cancelled. Nothing of it is kept." : error instanceof Stop ? error.message : unknown);
      if (!mine.signal.aborted && !(error instanceof Stop)) throw error;
    } finally {
      table?.close();
      if (mine === running) byId("progress").hidden = true;
    }
  }

  byId("file").addEventListener("change", ({ target }) => {
    if (target.files.length) score(target.files[0]);
    target.value = ""; // so that the same file can be chosen again
  });
  byId("cancel").addEventListener("click", () => running.abort());
  takeDrops(score);
}

/** A file dropped on the field is taken; beside it, it does not make the browser leave the page. */
function takeDrops(score) {
  const drop = byId("drop");
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", ({ dataTransfer }) => {
    drop.classList.remove("over");
    if (dataTransfer.files.length) score(dataTransfer.files[0]);
  });
}

function showStart(file) {
  byId("scored").hidden = true;
  byId("list-form").hidden = true;
  byId("list-problem").hidden = true;
  byId("progress").hidden = false;
  byId("progress-bar").value = 0;
  byId("progress-text").textContent = `Scoring ${file.name}`;
  byId("list-status").textContent = `Scoring ${file.name}`;
}

/** The sizes of the pieces, as the page has them from the service. */
function readSizes() {
  const { bodyBytes, firstRows, pieceBytes, pieceRows } = byId("main").dataset;
  return { bodyBytes: Number(bodyBytes), firstRows: Number(firstRows), pieceBytes: Number(pieceBytes), pieceRows: Number(pieceRows) };
}

const nameScored = (file, table) => `${file.name.replace(/\.gz$/i, "").replace(/\.[^.]*$/, "")}-scored.${table.scoredEnding}`;

/** Says what was detected of the file's form. */
function showForm(table, sample, form) {
  const numbers = [...table.names.keys()].filter((number) => form.isNumber(spellClean(table.names[number])));
  byId("list-form").textContent = `Read as ${table.describe(sample.flatMap((cells) => numbers.map((number) => cells[number] ?? "")))}.`;
  byId("list-form").hidden = false;
}

function showProgress({ done, rows, waiting_s: waiting }) {
  if (waiting) {
    byId("progress-text").textContent = `The service is busy; trying again in ${waiting} s`;
    return;
  }
  byId("progress-bar").value = done;
  byId("progress-text").textContent = `${count(rows, "row")} done, ${Math.round(100 * done)} % of the file`;
}

function fail(words) {
  byId("list-status").textContent = "";
  byId("list-problem").textContent = words;
  byId("list-problem").hidden = false;
}

function showScored({ tally, columns, own }, { form, address, name }) {
  const share = tally.scored ? `${inPercent(tally.leaving / tally.scored)} % of those scored` : "";
  byId("totals").replaceChildren(
    fact("Scored", count(tally.scored, "row"), `of ${count(tally.rows, "row")} in the file`),
    fact("Likely to leave", count(tally.leaving, "customer"), share),
    fact("Not scored", count(tally.badCount, "row"), tally.badCount ? "listed below, and in the file" : "every row is good"),
  );
  Object.assign(byId("download"), { href: address, download: name });
  showColumns(columns);
  showRiskiest(tally, own, form);
  byId("bad").hidden = !tally.badCount;
  byId("bad-hint").textContent = tally.badCount > tally.bad.length ? `The first ${tally.bad.length} of ${count(tally.badCount, "row")}.` : "";
  const badRows = tally.bad.map((bad) => [bad.row, ...ifOwn(own, bad.own), listProblems(bad, form)]);
  fillTable("bad-rows", ["Row", ...ifOwn(own, own?.name), "Problem"], badRows);
  byId("scored").hidden = false;
  const bad = tally.badCount ? ` ${count(tally.badCount, "row")} could not be scored.` : "";
  byId("list-status").textContent = `Done: ${count(tally.scored, "row")} scored, ${tally.leaving} likely to leave.${bad}`;
}

/** Says what the file's own columns did to the answer's. */
function showColumns({ renamed, replacedNames }) {
  const notes = [];
  if (replacedNames.length) notes.push(`The file had an earlier answer, which is replaced: ${replacedNames.join(", ")}.`);
  notes.push(...renamed.map(({ asked, name }) => `The answer\u2019s column is called ${name}: the file has its own ${asked}.`));
  byId("list-note").textContent = notes.join(" ");
  byId("list-note").hidden = notes.length === 0;
}

function showRiskiest(tally, own, form) {
  const rows = tally.riskiest.map(({ row, own: cell, probability, reasons }) => {
    const risk = make("span", { className: "risk" }, `${inPercent(probability)} %`, drawRisk(probability));
    return [row, ...ifOwn(own, cell), risk, reasons.map((reason) => wordReason(reason, form)).join("; ")];
  });
  fillTable("riskiest", ["Row", ...ifOwn(own, own?.name), "Risk", "Strongest reasons"], rows);
}

/** A cell of the user's own column, where the file has one. */
const ifOwn = (own, cell) => (own ? [cell] : []);

/** Fills a table with heads and rows of cells. */
function fillTable(id, heads, rows) {
  byId(id).tHead.replaceChildren(make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words))));
  byId(id).tBodies[0].replaceChildren(...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))));
}

const fact = (label, figure, meaning) =>
  make("div", {}, make("dt", {}, label), make("dd", {}, make("strong", {}, figure), make("span", { className: "hint" }, meaning)));

function drawRisk(probability) {
  return draw(
    "svg",
    { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("rect", { class: "track", width: 100, height: 8 }),
    draw("rect", { class: "up", width: probability * 100, height: 8 }),
  );
}

const wordReason = ({ field, value, contribution }, form) => `${form.label(field)}: ${form.word(field, value)} (${withSign(contribution)})`;

/** The problems of a row, one below the other, and how many more there are. */
function listProblems({ problems, problemCount = problems.length }, form) {
  const words = problems.map((problem) => (problem.field ? `${form.label(problem.field)}: ` : "") + form.wordProblem(problem));
  if (problemCount > problems.length) words.push(`And ${problemCount - problems.length} more.`);
  return make("ul", { className: "problems" }, ...words.map((text) => make("li", {}, text)));
}
