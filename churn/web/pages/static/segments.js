// The customers by the values of one column: their number, their mean risk, and how many are expected to leave. A
// click on a value filters by it.

import { byId, make } from "./elements.js";
import { makeHead, markHead } from "./sort_heads.js";
import { eventWords, percent, spellCount } from "./words.js";

const DECIMAL = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/**
 * Shows the customers that pass the view's search and filters, except the filter by the table's own column. The table
 * begins with the column whose groups differ most in risk.
 */
export function showSegments(view, { columns, signal }) {
  const places = columns.places.filter((place) => columns.kindOf(place) === "category");
  const body = byId("segments-table").tBodies[0];
  let [sort, descending] = ["expected", true];

  byId("segments").hidden = places.length === 0;
  if (places.length === 0) return;
  byId("segment-by").replaceChildren(...places.map((place) => make("option", { value: place }, columns.titleOf(place))));
  byId("segment-by").value = findMostTelling(view, columns, places);
  const keys = ["label", "customers", "mean", "expected"];
  const words = ["Value", "Customers", `Mean ${eventWords().risk}`, `Expected to ${eventWords().verb}`];
  const heads = keys.map((key, number) => makeHead(words[number], () => sortBy(key)));
  byId("segments-table").tHead.replaceChildren(make("tr", {}, ...heads));

  function sortBy(key) {
    [sort, descending] = [key, key === sort ? !descending : key !== "label"];
    update();
  }

  function update() {
    const place = Number(byId("segment-by").value);
    heads[0].firstChild.textContent = columns.titleOf(place);
    for (const [number, key] of keys.entries()) markHead(heads[number], key === sort, descending);
    const segments = sumUp(view, place, columns.groupsOf(place)).filter(({ customers }) => customers);
    segments.sort((one, other) => compare(one[sort], other[sort]) * (descending ? -1 : 1));
    const focused = body.contains(document.activeElement) ? document.activeElement.textContent : null;
    body.replaceChildren(...segments.map((segment) => drawRow(segment, view, place)));
    byId("segments-table").hidden = segments.length === 0;
    if (focused !== null) [...body.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
  }

  byId("segment-by").addEventListener("change", update, { signal });
  view.addEventListener("change", update, { signal });
  update();
}

const compare = (one, other) => (typeof one === "string" ? one.localeCompare(other, "en", { numeric: true }) : one - other);

/** Each group of a column's texts with its customers, their mean risk (0 to 1) and the sum of their probabilities. */
export function sumUp(view, place, { groups, groupOf }) {
  const { columns, probabilities } = view.customers;
  const { codes } = columns[place];
  const segments = groups.map(({ label, texts }) => ({ label, texts, customers: 0, expected: 0 }));
  for (const customer of view.matchingWithout(place)) {
    const segment = segments[groupOf[codes[customer]]];
    segment.customers++;
    segment.expected += probabilities[customer];
  }
  return segments.map((segment) => ({ ...segment, mean: segment.expected / segment.customers }));
}

/** The column that leaves the least variance of the risk within its groups, an unbiased estimate for each column. */
function findMostTelling(view, columns, places) {
  const { probabilities } = view.customers;
  const squares = view.matching.reduce((sum, customer) => sum + probabilities[customer] ** 2, 0);
  const variances = places.map((place) => {
    const segments = sumUp(view, place, columns.groupsOf(place)).filter(({ customers }) => customers);
    const between = segments.reduce((sum, { mean, expected }) => sum + mean * expected, 0);
    const freedom = view.matching.length - segments.length;
    return freedom > 0 ? (squares - between) / freedom : Infinity;
  });
  return places[variances.indexOf(Math.min(...variances))];
}

function drawRow({ label, texts, customers, mean, expected }, view, place) {
  const wanted = view.filters.get(place);
  const isPressed = wanted?.size === texts.length && wanted.has(texts[0]);
  const filters = new Map(view.filters);
  filters.delete(place);
  if (!isPressed) filters.set(place, new Set(texts));
  const button = make("button", { type: "button", className: "link", onclick: () => view.change({ filters }) }, label);
  button.setAttribute("aria-pressed", isPressed);
  const cells = [spellCount(customers), percent(mean), DECIMAL.format(expected)];
  return make("tr", {}, make("th", { scope: "row" }, button), ...cells.map((text) => make("td", {}, text)));
}
