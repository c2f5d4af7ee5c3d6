// Draws the reasons as a chart that is a table, with a bar for each field, so that a screen reader can read it.

import { draw, make } from "./elements.js";
import { eventWords, spellCount, withSign } from "./words.js";

const STRONGEST = 8;

/**
 * Fills the table's body. `reasons` have the strongest first; without `all`, the weak ones share one bar. Returns
 * true if there are weak ones.
 */
export function drawReasons(body, reasons, { form, all }) {
  const shown = all ? reasons : reasons.slice(0, STRONGEST);
  const rest = reasons.slice(shown.length);
  const bars = shown.map((reason) => ({ label: labelBar(reason, form), contribution: reason.contribution }));
  if (rest.length) {
    const sum = rest.reduce((total, reason) => total + reason.contribution, 0);
    bars.push({ label: [rest.length === 1 ? "1 other" : `${spellCount(rest.length)} others together`], contribution: sum });
  }
  const longest = Math.max(...bars.map((bar) => Math.abs(bar.contribution)), 0.01);
  body.replaceChildren(...bars.map((bar) => drawRow(bar, longest)));
  return reasons.length > STRONGEST;
}

function labelBar(reason, form) {
  const name = make("span", { className: "name" }, `${form.label(reason.field)}: `);
  return [name, form.word(reason.field, reason.value), make("span", { className: "name" }, form.wordPartners(reason))];
}

function drawRow({ label, contribution }, longest) {
  const up = contribution >= 0;
  const length = (Math.abs(contribution) / longest) * 49;
  const bar = draw(
    "svg",
    { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("rect", { class: "axis", x: 49.8, width: 0.4, height: 12 }),
    draw("rect", { class: up ? "up" : "down", x: up ? 50 : 50 - length, y: 1, width: length, height: 10 }),
  );
  const direction = make("span", { className: "spoken" }, `${up ? "raises" : "lowers"} the ${eventWords().risk}`);
  const weight = make("td", { className: "weight" }, withSign(contribution));
  return make("tr", {}, make("th", { scope: "row" }, ...label), make("td", { className: "bar" }, bar, direction), weight);
}
