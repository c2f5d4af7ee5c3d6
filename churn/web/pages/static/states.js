// Start, list and row are states of one page, between which the browser's Back and Forward go. History has nothing of them
// but their kind: what they show is in this page's memory, and a page that is loaded anew begins at its start.

/**
 * `show(kind)` shows a state that is there, as `isThere(kind)` says: the start is always.
 *
 * Where a state was scrolled to and which element had the focus is found again when one comes back to it.
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
    history.scrollRestoration = "manual"; // the browser would scroll before there is what it scrolls to
    addEventListener("popstate", ({ state }) => this.#follow(state));
  }

  get kind() {
    return this.#kind;
  }

  /** Goes on to a state, from which Back comes back here. `keep` stays at the place and the element of now. */
  enter(kind, { keep = false } = {}) {
    this.#remember();
    this.#places.delete(kind);
    if (history.state?.kind !== kind) history.pushState({ kind }, "");
    this.#turn(kind, keep);
  }

  /** Shows the start, as what was shown is gone. The history's entry stays for what comes in its place. */
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
    if (this.#wanted && kind === this.#kind) return history.back(); // an entry of such a link
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
