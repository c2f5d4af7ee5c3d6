// Estimates the time left from the rate so far, in words that do not jump.

const FIRST_MS = 1000; // in which the rate is too uncertain
const RISE = 1.25; // factor by which a new estimate must exceed the shown one

export class TimeLeft {
  #begun;
  #shownMs = Infinity;

  /** Starts the clock; `now` is in milliseconds, as of performance.now(). */
  begin(now) {
    this.#begun = now;
  }

  /** The time left in words, "about 2 minutes left", with `done` from 0 to 1; "" while it is unknown. */
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
