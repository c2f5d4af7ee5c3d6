// The pages of a long list: the customers on the present page, and the buttons that lead from page to page.

import { byId } from "./elements.js";
import { spellCount } from "./words.js";

export class Pages {
  #page = 0;
  #length = 0;
  #size;

  /** Calls `show` when a person goes to another page. */
  constructor({ show, signal }) {
    const goes = { "page-first": () => 0, "page-previous": () => this.#page - 1, "page-next": () => this.#page + 1, "page-last": () => this.#last };
    for (const [id, find] of Object.entries(goes)) {
      const go = () => {
        if (byId(id).getAttribute("aria-disabled") !== "true") this.#go(find(), show);
      };
      byId(id).addEventListener("click", go, { signal });
    }
    const resize = () => {
      const start = this.#start;
      this.#size = Number(byId("page-size").value);
      this.#go(Math.floor(start / this.#size), show); // the first customer of the page stays on it
    };
    this.#size = Number(byId("page-size").value);
    byId("page-size").addEventListener("change", resize, { signal });
  }

  /** The range of a list's customers on the present page, [start, end], the end not included. */
  rangeOf(length) {
    this.#length = length;
    this.#page = Math.min(this.#page, this.#last);
    const end = Math.min(this.#start + this.#size, length);
    for (const id of ["page-first", "page-previous"]) byId(id).setAttribute("aria-disabled", this.#page === 0);
    for (const id of ["page-next", "page-last"]) byId(id).setAttribute("aria-disabled", this.#page === this.#last);
    const words = length ? `${spellCount(this.#start + 1)} to ${spellCount(end)} of ${spellCount(length)}` : "";
    byId("page-place").textContent = words;
    byId("pages").hidden = length === 0;
    return [this.#start, end];
  }

  /** Goes back to the first page. */
  restart() {
    this.#page = 0;
  }

  get #start() {
    return this.#page * this.#size;
  }

  get #last() {
    return Math.max(Math.ceil(this.#length / this.#size) - 1, 0);
  }

  #go(page, show) {
    this.#page = page;
    show();
  }
}
