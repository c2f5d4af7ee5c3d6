// Prints a list: on paper a table has more of its rows than on the screen, and says which.

import { make } from "./elements.js";
import { spellCount } from "./words.js";

const MOST_ROWS = 500;

/**
 * Adds rows to a table while the page is printed. `findShown()` returns the range on the screen, { start, end, length
 * }, the end not included; `drawRow(place)` makes a row.
 */
export function extendOnPaper(table, { findShown, drawRow, signal }) {
  let added = [];

  const drawRows = (start, end) => Array.from({ length: end - start }, (_, number) => drawRow(start + number));

  function extend() {
    shorten();
    const { start, end, length } = findShown();
    const [first, last] = [Math.max(end - MOST_ROWS, 0), Math.min(Math.max(end, MOST_ROWS), length)];
    const [before, after] = [drawRows(first, start), drawRows(end, last)];
    table.tBodies[0].prepend(...before);
    table.tBodies[0].append(...after);
    added = [...before, ...after];
    if (last - first < length) {
      const words = [first + 1, last, length].map(spellCount);
      added.push(make("p", { className: "hint" }, `On paper: ${words[0]} to ${words[1]} of ${words[2]}.`));
      table.before(added.at(-1));
    }
    for (const element of added) element.classList.add("on-paper");
  }

  function shorten() {
    for (const element of added) element.remove();
    added = [];
  }

  addEventListener("beforeprint", extend, { signal });
  addEventListener("afterprint", shorten, { signal });
}
