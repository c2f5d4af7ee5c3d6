// The filters of a list. An editor sets the filter of a column; a chip shows each filter and removes it.

import { readAmount } from "./amounts.js";
import { byId, make } from "./elements.js";
import { count, eventWords, sentence, spellCount } from "./words.js";

const PAUSE_MS = 250;
const MOST_NAMED = 3; // values on a chip
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 10 });

/** Lets a person filter a view. `columns` is the ListColumns of customer_list.js. */
export function showFilters(view, { columns, signal }) {
  const editor = byId("filter-editor");
  let refresh = () => {};

  const riskTitle = sentence(eventWords().risk);
  const places = columns.places.filter((place) => columns.kindOf(place));
  const options = [["", "Choose a column"], ["risk", riskTitle], ...places.map((place) => [String(place), columns.titleOf(place)])];
  byId("filter-by").replaceChildren(...options.map(([value, words]) => make("option", { value }, words)));

  function open() {
    const { value } = byId("filter-by");
    editor.hidden = value === "";
    refresh = () => {};
    if (value === "") return;
    const place = value === "risk" ? value : Number(value);
    const isCategory = place !== "risk" && columns.kindOf(place) === "category";
    byId("filter-title").textContent = place === "risk" ? `${riskTitle}, in percent` : columns.titleOf(place);
    const parts = isCategory ? makeChoices(view, place, columns.groupsOf(place)) : makeRange(view, place);
    byId("filter-choices").replaceChildren(...parts.elements);
    refresh = parts.refresh ?? refresh;
  }

  function close() {
    byId("filter-by").value = "";
    open();
    byId("filter-by").focus();
  }

  function update() {
    refresh();
    const chips = listChips(view, { columns, riskTitle });
    const focused = [...byId("chips").querySelectorAll("button")].indexOf(document.activeElement);
    byId("chips").hidden = chips.length === 0;
    byId("chips").replaceChildren(...chips.map(({ words, without }) => make("li", {}, makeChip(words, () => view.change(without())))));
    if (focused < 0) return;
    const buttons = byId("chips").querySelectorAll("button");
    (buttons[Math.min(focused, buttons.length - 1)] ?? byId("filter-by")).focus();
  }

  byId("filter-by").addEventListener("change", open, { signal });
  editor.addEventListener("submit", (event) => (event.preventDefault(), close()), { signal });
  editor.addEventListener("keydown", ({ key }) => key === "Escape" && close(), { signal });
  view.addEventListener("change", update, { signal });
  open();
  update();
}

/** The settings of a view with a new filter for a column; null removes the filter. */
function withFilter(view, place, filter) {
  if (place === "risk") return { risk: filter ?? [0, 1] };
  const filters = new Map(view.filters);
  filters.delete(place);
  return { filters: filter === null ? filters : filters.set(place, filter) };
}

/** A box for each group of a column's texts, with the number of its customers that pass the other filters. */
function makeChoices(view, place, { groups, groupOf }) {
  const boxes = groups.map(({ label, texts }) => {
    const box = make("input", { type: "checkbox", checked: view.filters.get(place)?.has(texts[0]) ?? false });
    const figure = make("span", { className: "hint" });
    return { box, figure, texts, element: make("label", { className: "choice" }, box, make("span", {}, label), figure) };
  });
  const refresh = () => {
    const counts = countGroups(view, place, groupOf, groups.length);
    for (const [number, { box, figure, texts }] of boxes.entries()) {
      figure.textContent = spellCount(counts[number]);
      box.checked = view.filters.get(place)?.has(texts[0]) ?? false;
    }
  };
  const apply = () => {
    const wanted = boxes.filter(({ box }) => box.checked).flatMap(({ texts }) => texts);
    view.change(withFilter(view, place, wanted.length ? new Set(wanted) : null));
  };
  for (const { box } of boxes) box.addEventListener("change", apply);
  refresh();
  return { elements: boxes.map(({ element }) => element), refresh };
}

function countGroups(view, place, groupOf, length) {
  const counts = new Uint32Array(length);
  const { codes } = view.customers.columns[place];
  for (const customer of view.matchingWithout(place)) counts[groupOf[codes[customer]]]++;
  return counts;
}

/** Two fields for the ends of a range; each may be blank. */
function makeRange(view, place) {
  const unit = place === "risk" ? 100 : 1;
  const [lowest, highest] = place === "risk" ? [0, 1] : [-Infinity, Infinity];
  const now = place === "risk" ? view.risk : (view.filters.get(place) ?? [lowest, highest]);
  const problem = make("p", { className: "problem", id: "filter-problem" });
  const spell = (end, none) => (end === none ? "" : String(Number((end * unit).toPrecision(12))));
  const inputs = [spell(now[0], lowest), spell(now[1], highest)].map((value) => make("input", { type: "text", inputMode: "decimal", value }));
  for (const input of inputs) input.setAttribute("aria-describedby", problem.id);
  const apply = debounce(() => {
    const ends = inputs.map(({ value }, number) => readEnd(value, number ? highest * unit : lowest * unit));
    const bad = ends.map((end) => Number.isNaN(end));
    if (!bad.includes(true) && ends[0] > ends[1]) bad[1] = true;
    for (const [number, input] of inputs.entries()) input.setAttribute("aria-invalid", bad[number]);
    problem.textContent = !bad.includes(true) ? "" : ends.some((end) => Number.isNaN(end)) ? "Not a number." : "The range ends before it begins.";
    if (bad.includes(true)) return;
    const isAll = ends[0] <= lowest * unit && ends[1] >= highest * unit;
    view.change(withFilter(view, place, isAll ? null : ends.map((end) => end / unit)));
  });
  for (const input of inputs) input.addEventListener("input", apply);
  const labels = ["From", "to"].map((words, number) => make("label", { className: "end" }, `${words} `, inputs[number]));
  return { elements: [...labels, problem] };
}

/**
 * A number as a person types it; `none` for a blank. A text with two readings is read as English: 1,234 is above a
 * thousand.
 */
export function readEnd(text, none = NaN) {
  if (text.trim() === "") return none;
  const number = readAmount(text, null);
  return Number.isNaN(number) ? readAmount(text, "point") : number;
}

/** A function that calls `call` after a pause, in which it has not been called again. */
export function debounce(call) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(call, PAUSE_MS);
  };
}

function listChips(view, { columns, riskTitle }) {
  const chips = [];
  if (view.risk[0] > 0 || view.risk[1] < 1) {
    chips.push({ words: `${riskTitle}: ${wordRange(view.risk, [0, 1], (end) => `${NUMBER.format(end * 100)}\u00a0%`)}`, without: () => withFilter(view, "risk", null) });
  }
  for (const [place, wanted] of view.filters) {
    const words = Array.isArray(wanted) ? wordRange(wanted, [-Infinity, Infinity], NUMBER.format) : wordChosen(wanted, columns.groupsOf(place));
    chips.push({ words: `${columns.titleOf(place)}: ${words}`, without: () => withFilter(view, place, null) });
  }
  if (view.first < Infinity) {
    const by = view.firstBy === "gain" ? "highest expected gain" : `highest ${riskTitle.toLowerCase()}`;
    chips.push({ words: `The ${count(view.first, "customer")} with the ${by}`, without: () => ({ first: Infinity }) });
  }
  return chips;
}

function wordRange([low, high], [lowest, highest], spell) {
  if (low <= lowest) return `${spell(high)} or less`;
  return high >= highest ? `${spell(low)} or more` : `${spell(low)} to ${spell(high)}`;
}

function wordChosen(wanted, { groups }) {
  const labels = groups.filter(({ texts }) => wanted.has(texts[0])).map(({ label }) => label);
  return labels.length > MOST_NAMED ? count(labels.length, "value") : labels.join(", ");
}

function makeChip(words, remove) {
  const cross = make("span", { ariaHidden: "true" }, "\u00d7");
  return make("button", { type: "button", className: "chip", onclick: remove }, make("span", { className: "spoken" }, "Remove the filter "), words, cross);
}
