// Column heads that sort a table.

import { make } from "./elements.js";

/** A head whose button calls `sort`. */
export function makeHead(words, sort) {
  return make("th", { scope: "col" }, make("button", { type: "button", className: "sort", onclick: sort }, words));
}

/** Marks a head as the one that the table is sorted by, with the direction, or as one that it is not sorted by. */
export function markHead(head, isSorted, descending) {
  if (isSorted) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  else head.removeAttribute("aria-sort");
}
