// The states of the page, start, list and row, between which the browser's Back and Forward move. The history has
// only their kind: their content is in this page's memory, so a page that is loaded again begins at its start.

/**
 * The states and the way between them. `show(kind)` shows a state; `isThere(kind)` is true for one that can be shown,
 * and the start always can.
 *
 * A person who comes back to a state finds its scroll position and its focus again.
 */
export class States {
  #show;
  #isThere;
  #kind = "start";
  #places = new Map();
  #wanted = null;

  constructor({ show, isThere }) {
    this.#show = show;
    this.#isThere = isThere;
    history.replaceState({ kind: "start" }, "");
    history.scrollRestoration = "manual"; // the browser would scroll before the content is there
    addEventListener("popstate", ({ state }) => this.#follow(state));
  }

  get kind() {
    return this.#kind;
  }

  /** Goes to a state, from which Back returns here. `keep` leaves the scroll position and the focus as they are. */
  enter(kind, { keep = false } = {}) {
    this.#remember();
    this.#places.delete(kind);
    if (history.state?.kind !== kind) history.pushState({ kind }, "");
    this.#turn(kind, keep);
  }

  /** Shows the start, since the content of the other states is gone. The history's entry stays for the next list. */
  drop() {
    this.#places.clear();
    this.#turn("start", true);
  }

  /** Goes back to the state from which this one was entered. */
  leaveTo(kind) {
    this.#wanted = kind;
    history.back();
  }

  #follow(state) {
    if (state === null) return history.replaceState({ kind: this.#kind }, ""); // a link within the page was followed
    const kind = this.#isThere(state.kind) ? state.kind : "start";
    if (this.#wanted && kind === this.#kind) return history.back(); // skips the entry of such a link
    this.#wanted = null;
    if (kind === this.#kind) return;
    this.#remember();
    this.#turn(kind, false);
  }

  #remember() {
    this.#places.set(this.#kind, { top: scrollY, element: document.activeElement });
  }

  #turn(kind, keep) {
    this.#kind = kind;
    this.#show(kind);
    const place = this.#places.get(kind);
    if (keep || !place) return;
    place.element.focus({ preventScroll: true });
    scrollTo({ top: place.top, behavior: "instant" });
  }
}
