// The table of a list's customers, in pages, sorted by any column. A row's number opens the row.

import { byId, draw, make } from "./elements.js";
import { Pages } from "./paging.js";
import { extendOnPaper } from "./paper.js";
import { wordReason } from "./reason_words.js";
import { makeHead, markHead } from "./sort_heads.js";
import { count, cut, eventWords, inPercent, sentence, spellCents, spellCount } from "./words.js";

/** Shows a view's customers. `columns` is the ListColumns of customer_list.js; `open(customer)` opens a row. */
export function showTable(view, { columns, form, open, signal }) {
  const { customers } = view;
  const table = byId("customers-table");
  const pages = new Pages({ show: () => showPage(), signal });
  let [heads, shownKeys, order] = [new Map(), "", null];
  let [start, end] = [0, 0]; // the customers on the present page

  const titles = { row: "Row", risk: sentence(eventWords().risk), gain: "Expected gain", reason: "Strongest reasons" };
  const titleOf = (key) => titles[key] ?? columns.titleOf(key);

  /** The keys of the table's columns, by which a view sorts. */
  function listKeys() {
    const own = columns.places.filter((place) => columns.shown.has(place) || place === view.sort);
    return ["row", ...own, "risk", ...(view.gains ? ["gain"] : []), "reason"];
  }

  function showHeads(keys) {
    const focused = [...heads].find(([, head]) => head.contains(document.activeElement))?.[0];
    heads = new Map(keys.map((key) => [key, makeHead(titleOf(key), () => sortBy(key))]));
    table.tHead.replaceChildren(make("tr", {}, ...heads.values()));
    table.style.setProperty("--columns", keys.length - 1); // for list.css: on a small screen the reasons are not a column
    heads.get(focused)?.firstChild.focus();
  }

  const isTextual = (key) => key === "row" || key === "reason" || (typeof key === "number" && view.numbersOf(key) === null);

  function sortBy(key) {
    view.change({ sort: key, descending: key === view.sort ? !view.descending : !isTextual(key) });
  }

  function drawCell(key, customer) {
    if (key === "risk") return drawRisk(customers.probabilities[customer], customers.leaving[customer]);
    if (key === "gain") return spellCents(view.gains[customer]);
    if (key === "reason") return drawReasons(customers, customer, form);
    return cut(customers.columns[key].at(customer));
  }

  function drawRow(customer) {
    const button = make("button", { type: "button", className: "open", onclick: () => open(customer) }, String(customers.rows[customer]));
    button.setAttribute("aria-label", `Open ${columns.nameOf(customer)}`.replace("Row", "row"));
    const cells = [...heads.keys()].slice(1).map((key) => make("td", { className: typeof key === "string" ? `of-${key}` : "" }, drawCell(key, customer)));
    return make("tr", {}, make("td", {}, button), ...cells);
  }

  function showPage() {
    [start, end] = pages.rangeOf(view.shown.length);
    table.tBodies[0].replaceChildren(...Array.from(view.shown.subarray(start, end), drawRow));
  }

  function showControls() {
    const sorts = ["risk", ...(view.gains ? ["gain"] : []), "row", "reason", ...columns.places];
    byId("sort-by").replaceChildren(...sorts.map((key) => make("option", { value: key, selected: key === view.sort }, titleOf(key))));
    const words = isTextual(view.sort) && view.sort !== "row" ? ["A to Z", "Z to A"] : ["Lowest first", "Highest first"];
    byId("sort-direction").textContent = words[Number(view.descending)];
    const [found, all] = [view.matching.length, customers.length];
    const some = found < all ? `${spellCount(found)} of ${count(all, "customer")}` : count(all, "customer");
    byId("found").textContent = view.shown.length < found ? `${spellCount(view.shown.length)} shown, ${some} found.` : `${some}${found < all ? " found" : ""}.`;
    byId("none-found").hidden = found > 0;
    table.hidden = found === 0;
  }

  function update() {
    const keys = listKeys();
    const joined = keys.join();
    if (joined !== shownKeys) showHeads(keys);
    shownKeys = joined;
    for (const [key, head] of heads) markHead(head, key === view.sort, view.descending);
    if (view.shown !== order) pages.restart();
    order = view.shown;
    showControls();
    showPage();
  }

  byId("sort-by").addEventListener("change", ({ target }) => sortBy(readKey(target.value)), { signal });
  byId("sort-direction").addEventListener("click", () => view.change({ descending: !view.descending }), { signal });
  view.addEventListener("change", update, { signal });
  extendOnPaper(table, { findShown: () => ({ start, end, length: view.shown.length }), drawRow: (place) => drawRow(view.shown[place]), signal });
  showChooser(columns, update);
  update();
}

const readKey = (value) => (/^\d+$/.test(value) ? Number(value) : value);

/** Shows a box for each column of the file, ticked if the table has the column. */
function showChooser(columns, update) {
  const boxes = columns.places.map((place) => {
    const box = make("input", { type: "checkbox", checked: columns.shown.has(place) });
    box.addEventListener("change", () => {
      columns.shown[box.checked ? "add" : "delete"](place);
      update();
    });
    return make("label", { className: "choice" }, box, make("span", {}, columns.titleOf(place)));
  });
  byId("columns-shown").replaceChildren(...boxes);
}

function drawRisk(probability, isLeaving) {
  const bar = draw(
    "svg",
    { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("rect", { class: "track", width: 100, height: 8 }),
    draw("rect", { class: isLeaving ? "up" : "down", width: probability * 100, height: 8 }),
  );
  return make("span", { className: "risk" }, make("span", {}, `${inPercent(probability)}\u00a0%`), bar);
}

function drawReasons(customers, customer, form) {
  const probability = customers.probabilities[customer];
  return make("ul", {}, ...customers.reasonsOf(customer).map((reason) => make("li", {}, wordReason(reason, probability, form))));
}
