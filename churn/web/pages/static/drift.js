// The section "Is the model still good?": asks the service when it comes into view, and again on demand.

import { byId, make, showList } from "./elements.js";
import { ask } from "./key.js";
import { Spread } from "./spread.js";
import { versionOf, watchVersion } from "./version.js";
import { UNREACHABLE, adviseOn, count, percent, readRefusal, sentence, spellCount } from "./words.js";

const TIME = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const MONEY = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const FORMATS = {
  churn_rate: percent,
  auc: (figure) => figure.toFixed(3),
  log_loss: (figure) => figure.toFixed(3),
  profit: (figure) => MONEY.format(figure).replace("-", "\u2212"),
};
const GROUPS = [
  { drifted: true, title: "Different" },
  { drifted: null, title: "Can\u2019t be judged yet" },
  { drifted: false, title: "As in training" },
];

/** Loads the section's report when it comes into view. `form` has the words for fields and their values. */
export function startDrift(form) {
  const section = byId("drift");
  const training = new Training();
  let newest = new AbortController();

  async function look() {
    newest.abort();
    const mine = (newest = new AbortController());
    section.setAttribute("aria-busy", "true");
    const { report, failure } = await readReport(mine.signal);
    const counts = report && isCompared(report) ? await training.read(report.model, mine.signal) : null;
    if (mine.signal.aborted) return;
    section.setAttribute("aria-busy", "false");
    byId("drift-problem").hidden = !failure;
    byId("drift-problem").textContent = failure ?? "";
    show(report ?? { answers: null, expected: {}, fields: [], notes: [] }, new Spread(form, report, counts));
  }

  byId("drift-again").addEventListener("click", look);
  addEventListener("beforeprint", () => section.querySelectorAll("details").forEach((group) => (group.open = true)));
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    look();
  });
  observer.observe(section);
}

/** The service's { report }, or the { failure } in words. */
async function readReport(signal) {
  try {
    const response = await ask("/drift", { signal });
    watchVersion(response);
    if (response.ok) return { report: await response.json() };
    const refusal = await readRefusal(response);
    return { failure: refusal.status === 503 ? `${sentence(refusal.detail)}.` : adviseOn(refusal) }; // here a 503 does not mean busy: its detail names the problem
  } catch {
    return { failure: UNREACHABLE };
  }
}

/** The counts of the training rows in the model's card, fetched once for each version. */
class Training {
  #version = null;
  #counts = null;

  /** The counts of a version's card; null if it has none or they can't be fetched now. */
  async read(version, signal) {
    if (version === this.#version) return this.#counts;
    try {
      const response = await ask("/model", { signal });
      if (!response.ok || versionOf(response) !== version) return null;
      this.#counts = (await response.json()).counts ?? null;
      this.#version = version;
      return this.#counts;
    } catch {
      return null;
    }
  }
}

const isCompared = ({ fields }) => fields.some(({ distance }) => distance !== null);

/** Fills the section with a report. Without answers it shows only the notes. */
function show(report, spread) {
  byId("drift-verdict").textContent = isCompared(report) ? wordVerdict(report.fields) : "";
  byId("drift-answers").textContent = report.answers === null ? "" : wordAnswers(report);
  byId("drift-expected").hidden = !showFigures(report.expected);
  byId("drift-compared").hidden = !isCompared(report);
  byId("drift-fields").replaceChildren(...(isCompared(report) ? GROUPS.flatMap((group) => drawGroup(group, report.fields, spread)) : []));
  showList("drift-notes", report.notes);
}

function wordVerdict(fields) {
  const [different, open] = [true, null].map((drifted) => fields.filter((field) => field.drifted === drifted).length);
  if (open === fields.length) return "Too early to tell whether customers differ from training.";
  const found = different
    ? `Customers differ from training in ${spellCount(different)} of ${count(fields.length, "field")}.`
    : "No field is found to differ from training.";
  return found + (open ? ` ${count(open, "field")} can\u2019t be judged yet.` : "");
}

function wordAnswers({ answers, since }) {
  const from = since ? ` since ${TIME.format(new Date(since))}` : "";
  if (answers) return `${count(answers, "customer")} answered${from}.`;
  return `No customer counted yet${from}. Counts are shown for many customers at a time, so that no customer can be identified.`;
}

/** Fills the table of expected figures. Returns true if there are any. */
function showFigures(expected) {
  for (const row of byId("drift-figures").tBodies[0].rows) {
    const figure = expected[row.dataset.figure] ?? null;
    row.hidden = figure === null;
    const texts = figure === null ? ["\u2013", "\u2013", "\u2013"] : wordFigure(figure, FORMATS[row.dataset.figure]);
    row.replaceChildren(row.cells[0], ...texts.map((text) => make("td", {}, text)));
  }
  return Object.values(expected).some((figure) => figure !== null);
}

function wordFigure({ value, low, high, test }, format) {
  return [format(value), `${format(low)} to ${format(high)}`, test === null ? "not known" : format(test)];
}

/** The fields of a group as a table that folds, the most different first; [] without any. */
function drawGroup({ drifted, title }, fields, spread) {
  const own = fields.filter((field) => field.drifted === drifted).sort((a, b) => b.distance - a.distance);
  if (!own.length) return [];
  const heading = ["Field", "Now and in training", "Difference"].map((text) => make("th", { scope: "col" }, text));
  const body = make("tbody", {}, ...own.map((field) => drawRow(field, spread)));
  const table = make("table", { className: "compared" }, make("thead", {}, make("tr", {}, ...heading)), body);
  return [make("details", { open: drifted }, make("summary", {}, `${title}: ${count(own.length, "field")}`), table)];
}

function drawRow({ field, distance, drifted, note }, spread) {
  const words = make("span", { className: drifted ? "hint" : "spoken" }, spread.word(field));
  const name = make("th", { scope: "row" }, spread.form.label(field), make("span", { className: "hint" }, note && sentence(note)), words);
  const picture = make("td", { className: drifted ? "picture more" : "picture" }, spread.draw(field));
  return make("tr", {}, name, picture, make("td", {}, distance === null ? "\u2013" : percent(distance)));
}
