// The page's part for a customer list: takes a file, asks what it must ask, and shows the progress. scored_list.js
// shows the outcome.

import { dropCampaign } from "./campaign.js";
import { askChoices } from "./choices.js";
import { dropCustomers, isUnsaved } from "./customer_list.js";
import { findEarlier } from "./earlier.js";
import { byId } from "./elements.js";
import { readBack } from "./read_back.js";
import { nameColumns } from "./renaming.js";
import { startSample } from "./sample.js";
import { showScored } from "./scored_list.js";
import { Stop } from "./stop.js";
import { openTable } from "./table.js";
import { TimeLeft } from "./time_left.js";
import { scoreTable } from "./upload.js";
import { count } from "./words.js";

export function startList(form) {
  let running = null;
  let address = "";
  let latest = null;

  /**
   * Scores a file, or reads its answers back if it has some; with `isAnew` it is scored in any case. Asks first if
   * that would lose a list.
   */
  async function take(file, { isAnew = false } = {}) {
    running?.abort();
    const mine = (running = new AbortController());
    if (isUnsaved() && !(await confirmReplacing(mine.signal))) {
      if (mine === running) byId("list-status").textContent = "Cancelled. The list stays.";
      return;
    }
    latest = file;
    URL.revokeObjectURL(address);
    showStart(file);
    let table = null;
    try {
      const fieldNames = new Set(form.controls.keys());
      table = await openTable(file, { fieldNames, chooseSheet: (names) => chooseSheet(names, mine.signal), signal: mine.signal });
      const sample = await table.sample();
      showForm(table);
      const timeLeft = new TimeLeft();
      const reportProgress = (state) => {
        if (mine.signal.aborted) return;
        showForm(table);
        showProgress(state, timeLeft);
      };
      const earlier = isAnew ? null : findEarlier(table.names, sample, fieldNames);
      const names = earlier ? null : await askNames(table, sample, { form, signal: mine.signal });
      timeLeft.begin(performance.now()); // the time that a person takes to choose does not count
      const steps = { form, fieldNames, signal: mine.signal, reportProgress };
      const scored = earlier ? await readBack(table, { ...steps, earlier }) : await scoreTable(table, { ...steps, ...readSizes(), names });
      mine.signal.throwIfAborted();
      address = scored.isReadBack ? "" : URL.createObjectURL(new Blob(scored.parts, { type: table.scoredType }));
      showScored(scored, { form, address, name: nameScored(file, table) });
    } catch (error) {
      if (mine !== running) return; // another file has taken its place
      const unknown = "Something went wrong in this page. Reload it, then try again.";
      fail(mine.signal.aborted ? "Cancelled. Nothing of the file is kept." : error instanceof Stop ? error.message : unknown);
      if (!mine.signal.aborted && !(error instanceof Stop)) throw error;
    } finally {
      table?.close();
      if (mine === running) leaveProgress();
    }
  }

  byId("file").addEventListener("change", ({ target }) => {
    if (target.files.length) take(target.files[0]);
    target.value = ""; // so that the same file can be chosen again
  });
  const cancel = () => {
    byId("file").focus(); // before the button is hidden, which would lose the focus
    running.abort();
  };
  for (const id of ["cancel", "choices-cancel"]) byId(id).addEventListener("click", cancel);
  document.addEventListener("keydown", ({ key, target }) => {
    const isWaiting = !byId("progress").hidden || !byId("choices").hidden;
    const isHere = target === document.body || (byId("list").contains(target) && !target.options); // in a select, Escape closes the options
    if (key === "Escape" && isWaiting && isHere) cancel();
  });
  byId("score-anew").addEventListener("click", () => {
    byId("file").focus();
    take(latest, { isAnew: true });
  });
  startSample();
  takeDrops(take);
}

/** Asks before another file takes the place of a list that is saved nowhere. Returns false if the person cancels. */
async function confirmReplacing(signal) {
  const hint = "Its scored file has not been downloaded. When another file takes its place, the list is gone.";
  try {
    await askChoices({ title: "Replace the scored list?", hint, go: "Replace the list", signal });
    return true;
  } catch {
    return false;
  }
}

/**
 * The names of the table's columns for the service. Asks for the columns of fields that the table names otherwise.
 */
async function askNames(table, sample, { form, signal }) {
  byId("progress").hidden = true; // while a person chooses
  const names = await nameColumns(table, { sample, form, signal });
  byId("progress").hidden = false;
  return names;
}

/** Hides the progress. The focus moves from Cancel to the file field. */
function leaveProgress() {
  if (byId("progress").contains(document.activeElement)) byId("file").focus();
  byId("progress").hidden = true;
}

/**
 * Takes a file that is dropped on the field. Dropped elsewhere, a file is ignored, so that the browser does not leave
 * the page.
 */
function takeDrops(take) {
  const drop = byId("drop");
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", ({ dataTransfer }) => {
    drop.classList.remove("over");
    if (dataTransfer.files.length) take(dataTransfer.files[0]);
  });
}

function showStart(file) {
  dropCustomers();
  dropCampaign();
  byId("scored").hidden = true;
  byId("list-form").hidden = true;
  byId("list-problem").hidden = true;
  byId("progress").hidden = false;
  byId("progress-bar").value = 0;
  byId("progress-text").textContent = `Scoring ${file.name}`;
  byId("list-status").textContent = `Scoring ${file.name}`;
}

/** The number, from 0, of the sheet that a person chooses of several. */
async function chooseSheet(names, signal) {
  byId("progress").hidden = true;
  const options = names.map((name, number) => [String(number), name]);
  const choices = [{ label: "Which sheet has the customers?", hint: "", options, chosen: "0" }];
  const [number] = await askChoices({ title: `The workbook has ${count(names.length, "sheet")}`, hint: "Only one of them is scored, and the scored file has only this one.", choices, signal });
  byId("progress").hidden = false;
  return Number(number);
}

/** The sizes of the pieces to send, which the page has from the service. */
function readSizes() {
  const { bodyBytes, firstRows, pieceBytes, pieceRows } = byId("main").dataset;
  return { bodyBytes: Number(bodyBytes), firstRows: Number(firstRows), pieceBytes: Number(pieceBytes), pieceRows: Number(pieceRows) };
}

const nameScored = (file, table) => `${file.name.replace(/\.gz$/i, "").replace(/\.[^.]*$/, "")}-scored.${table.scoredEnding}`;

/** Shows the detected form of the file. Its decimal mark is known with the service's first answer. */
function showForm(table) {
  byId("list-form").textContent = `Read as ${table.describe()}.`;
  byId("list-form").hidden = false;
}

function showProgress({ done, rows, waiting_s: waiting }, timeLeft) {
  if (waiting) {
    byId("progress-text").textContent = `The service is busy; trying again in ${waiting} s`;
    return;
  }
  byId("progress-bar").value = done;
  const left = timeLeft.word(done, performance.now());
  byId("progress-text").textContent = `${count(rows, "row")} done, ${Math.round(100 * done)} % of the file${left ? `, ${left}` : ""}`;
}

function fail(words) {
  byId("list-status").textContent = "";
  byId("list-problem").textContent = words;
  byId("list-problem").hidden = false;
}
