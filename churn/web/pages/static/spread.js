// The distribution of a field's values, now and in training, as a picture and in words.

import { draw } from "./elements.js";
import { percent } from "./words.js";

const HEIGHT = 24; // of a picture, in units of its own

/** The fields of a report, compared with `counts`, those of the model's card; null without these. */
export class Spread {
  constructor(form, report, counts) {
    this.form = form;
    this.report = report;
    this.counts = counts;
  }

  /** The share of each bin now and in training; [] if either is unknown. */
  #shares(field) {
    const [now, then] = [this.report.counts.fields[field], this.counts?.fields[field]];
    if (!now || now.length !== then?.length) return [];
    const [all, allThen] = [now, then].map((counts) => counts.reduce((sum, customers) => sum + customers, 0));
    return now.map((customers, place) => ({ place, now: customers / all, then: then[place] / allThen }));
  }

  /** A picture of the bins with any customers: bars for now, a line for training. "" without one. */
  draw(field) {
    const shares = this.#shares(field).filter(({ now, then }) => now || then);
    if (!shares.length) return "";
    const highest = Math.max(...shares.flatMap(({ now, then }) => [now, then]));
    const y = (share) => (HEIGHT * (1 - share / highest)).toFixed(2);
    const bars = shares.map(({ now }, at) => `M${at + 0.1} ${HEIGHT}V${y(now)}H${at + 0.9}V${HEIGHT}Z`).join("");
    const line = `M0 ${HEIGHT}${shares.map(({ then }, at) => `V${y(then)}H${at + 1}`).join("")}V${HEIGHT}`;
    const box = { viewBox: `0 0 ${shares.length} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
    return draw("svg", box, draw("path", { class: "now", d: bars }), draw("path", { class: "then", d: line }));
  }

  /** The value whose share differs most, with both shares; "" if these are unknown. */
  word(field) {
    const shares = this.#shares(field);
    if (!shares.length) return "";
    const most = shares.reduce((one, other) => (Math.abs(other.now - other.then) > Math.abs(one.now - one.then) ? other : one));
    const value = this.#wordPlace(field, most.place, shares.length);
    return value ? `${value}: ${percent(most.then)} in training, ${percent(most.now)} now.` : "";
  }

  /** The name of a bin, as churn/model/bins.py numbers them; "" for a number whose range is unknown. */
  #wordPlace(field, place, places) {
    const { options, dataset } = this.form.controls.get(field) ?? {};
    if (options) return options[place]?.text ?? "";
    const [lowest, highest] = [dataset?.lowestSeen, dataset?.highestSeen].map((end) => (end ? Number(end) : NaN));
    const ends = [lowest, ...(this.counts.edges[field] ?? []).filter((edge) => lowest < edge && edge <= highest), highest];
    if (Number.isNaN(lowest) || ends.length + 2 !== places) return "";
    if (place === places - 1) return "Blank";
    const word = (number) => this.form.word(field, number);
    if (place === 0) return `Below ${word(lowest)}`;
    if (place === places - 2) return `Above ${word(highest)}`;
    return `${word(ends[place - 1])} to ${place < ends.length - 1 ? "under " : ""}${word(ends[place])}`;
  }
}
