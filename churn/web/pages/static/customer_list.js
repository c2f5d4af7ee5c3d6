// The list of the scored customers: joins its parts, opens a customer in the form, and leads back to the list.

import { showTable } from "./customer_table.js";
import { byId } from "./elements.js";
import { debounce, readEnd, showFilters } from "./filters.js";
import { showHistogram } from "./histogram.js";
import { findIdentifying, kindOf } from "./list_columns.js";
import { OpenedRow } from "./opened_row.js";
import { nameReason } from "./reason_words.js";
import { showSegments } from "./segments.js";
import { States } from "./states.js";
import { groupTexts } from "./text_groups.js";
import { cut } from "./words.js";

const LONGEST_NAME = 60; // characters of each cell that names a row

let shown = null; // { view, columns, isSaved, ends, row } of the list in memory
let page = null; // { states, opened }; null before the first list

/**
 * Shows the customers of a view as the state after the start. `form` is the what-if form, in which a row opens.
 *
 * The browser asks before it leaves the page, unless the list `isSaved`: it was read back from a scored file, or its
 * scored file was downloaded.
 */
export function showCustomers(view, { form, isSaved = false }) {
  dropCustomers();
  page ??= startPage(form);
  const ends = new AbortController();
  const { signal } = ends;
  const columns = new ListColumns(view, form);
  shown = { view, columns, ends, isSaved, row: null };
  view.wordReason = (reason) => nameReason(reason, form);
  byId("customers").hidden = view.customers.length === 0;
  showSearch(view, signal);
  showFilters(view, { columns, signal });
  showHistogram(view, { threshold: Number(byId("customers").dataset.threshold), signal });
  showSegments(view, { columns, signal });
  showTable(view, { columns, form, open: openRow, signal });
  byId("download").addEventListener("click", () => (shown.isSaved = true), { signal });
  addEventListener("beforeunload", (event) => shown.isSaved || event.preventDefault(), { signal });
  page.states.enter("list", { keep: true });
  prepare(view, [...columns.shown], signal);
}

/** Prepares the shown columns for searching and sorting, one at a time, while the browser is idle. */
function prepare(view, places, signal) {
  const [place, ...further] = places;
  if (place === undefined) return;
  const whenIdle = window.requestIdleCallback ?? setTimeout;
  whenIdle(() => {
    if (signal.aborted) return;
    view.prepare(place);
    prepare(view, further, signal);
  });
}

/** Opens a customer of the list in the form. */
function openRow(customer) {
  shown.row = customer;
  page.states.enter("row");
}

/** True while there is a list that is saved nowhere: it was scored here, and its scored file was not downloaded. */
export const isUnsaved = () => shown !== null && !shown.isSaved;

/** Drops the list, before another one takes its place. */
export function dropCustomers() {
  if (!shown) return;
  shown.ends.abort();
  shown = null;
  page.states.drop();
}

/** The columns of the file as a list shows them; `shown` has the numbers of those in the table. */
class ListColumns {
  #view;
  #form;
  #groups = new Map();
  #kinds = new Map();
  #identifying;

  constructor(view, form) {
    this.#view = view;
    this.#form = form;
    this.places = [...view.customers.columns.keys()];
    this.#identifying = findIdentifying(view);
    this.shown = new Set(this.#identifying);
  }

  titleOf(place) {
    const { name, field } = this.#view.customers.columns[place];
    return field ? this.#form.label(field) : name;
  }

  kindOf(place) {
    if (!this.#kinds.has(place)) this.#kinds.set(place, kindOf(this.#view, place, this.#form));
    return this.#kinds.get(place);
  }

  groupsOf(place) {
    if (!this.#groups.has(place)) this.#groups.set(place, groupTexts(this.#view.customers.columns[place], this.#form));
    return this.#groups.get(place);
  }

  /** The name of a customer's row: "Row 17, 7590-VHVEG". */
  nameOf(customer) {
    const { rows, columns } = this.#view.customers;
    const own = this.#identifying.map((place) => cut(columns[place].at(customer).trim(), LONGEST_NAME)).filter(Boolean);
    return [`Row ${rows[customer]}`, ...own].join(", ");
  }
}

function startPage(form) {
  const opened = new OpenedRow(form);
  const isThere = (kind) => kind === "start" || (shown !== null && (kind === "list" || shown.row !== null));
  const states = new States({ isThere, show });
  function show(kind) {
    byId("scored").hidden = kind === "start";
    byId("list").hidden = kind === "row";
    byId("row").hidden = kind !== "row";
    if (kind !== "row") return opened.close();
    const { view, columns, row } = shown;
    opened.open(view.customers, row, columns.nameOf(row));
    byId("row-title").focus({ preventScroll: true });
    byId("row").scrollIntoView({ behavior: "instant" });
  }
  byId("back-to-list").addEventListener("click", () => states.leaveTo("list"));
  document.addEventListener("click", (event) => {
    if (states.kind !== "row" || !event.target.closest?.('a[href="#list"]')) return;
    event.preventDefault(); // the list is hidden in this state: the link leads back to it
    states.leaveTo("list");
  });
  return { states, opened };
}

/** Lets a person search the list, and limit the number of customers shown. */
function showSearch(view, signal) {
  byId("search").value = "";
  byId("first").value = "";
  const search = debounce(() => view.change({ search: byId("search").value }));
  byId("search").addEventListener("input", search, { signal });
  const limit = debounce(() => {
    const first = readEnd(byId("first").value, Infinity);
    const isBad = !(first >= 1) || (first < Infinity && !Number.isInteger(first));
    byId("first").setAttribute("aria-invalid", isBad);
    byId("first-problem").textContent = isBad ? "Must be a whole number, 1 or more." : "";
    if (!isBad) view.change({ first, firstBy: byId("first-by").value });
  });
  byId("first").addEventListener("input", limit, { signal });
  byId("first-by").addEventListener("change", limit, { signal });
  const update = () => {
    byId("first-by").hidden = view.gains === null;
    if (view.first === Infinity && byId("first").getAttribute("aria-invalid") !== "true") byId("first").value = "";
  };
  view.addEventListener("change", update, { signal });
  byId("narrow").addEventListener("submit", (event) => event.preventDefault(), { signal });
  update();
}
