// Heads of a table's columns that sort by them.

import { make } from "./elements.js";

/** A head with a button that calls `sort`. */
export function makeHead(words, sort) {
  return make("th", { scope: "col" }, make("button", { type: "button", className: "sort", onclick: sort }, words));
}

/** Says at a head whether its column is the one that is sorted by, and in which direction. */
export function markHead(head, isSorted, descending) {
  if (isSorted) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  else head.removeAttribute("aria-sort");
}
