// How long it takes until all is done, from the rate so far, in words that do not jump.

const FIRST_MS = 1000; // in which a rate says little
const RISE = 1.25; // by which an estimate must be above the one that is shown

export class TimeLeft {
  #begun;
  #shownMs = Infinity;

  /** Counts from `now` on, which is in milliseconds as performance.now() counts. */
  begin(now) {
    this.#begun = now;
  }

  /** "about 2 minutes left", with `done` from 0 to 1; "" while it can't be said. */
  word(done, now) {
    const passed = now - this.#begun;
    if (passed < FIRST_MS || done <= 0 || done >= 1) return "";
    const left = (passed * (1 - done)) / done;
    if (left < this.#shownMs || left > this.#shownMs * RISE) this.#shownMs = left;
    return wordTime(this.#shownMs / 1000);
  }
}

function wordTime(seconds) {
  if (seconds >= 90 * 60) return `about ${Math.round(seconds / 3600)} hours left`;
  if (seconds >= 90) return `about ${Math.round(seconds / 60)} minutes left`;
  if (seconds >= 10) return `about ${Math.round(seconds / 10) * 10} seconds left`;
  return "a few seconds left";
}
