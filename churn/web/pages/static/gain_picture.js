// The curve of expected gain over the threshold: as a picture with its marks, in words, and as a table.

import { byId, draw, make } from "./elements.js";
import { count, spellMoney } from "./words.js";

const [WIDTH, HEIGHT] = [1000, 300];
const POINTS = 500;
const ROWS = [...Array(11).keys()].map((row) => row * 10); // percent

/** A percentage in its shortest spelling: "16 %", "16.43 %". */
export const spellPercent = (percent) => `${Number(percent.toPrecision(12))}\u00a0%`;

/**
 * Shows a GainCurve. `own` is the service's threshold, `chosen` the person's, null if customers are chosen in another
 * way; both are 0 to 1.
 */
export function showCurve(curve, { own, chosen }) {
  const { best } = curve;
  const steps = [...Array(POINTS + 1).keys()].map((step) => step / POINTS);
  const thresholds = best ? [...steps, best.percent / 100].sort((one, other) => one - other) : steps;
  const points = thresholds.map((threshold) => ({ threshold, gain: curve.at(threshold).gain }));
  const gains = points.map(({ gain }) => gain);
  const [lowest, highest] = [Math.min(...gains), Math.max(...gains)];
  const x = (threshold) => (threshold * WIDTH).toFixed(2);
  const y = (gain) => (highest > lowest ? HEIGHT * (1 - (gain - lowest) / (highest - lowest)) : HEIGHT / 2).toFixed(2);
  const mark = (name, threshold) => draw("line", { class: name, x1: x(threshold), x2: x(threshold), y2: HEIGHT });
  const dot = (name, threshold) => {
    const at = { x: x(threshold), y: y(curve.at(threshold).gain) };
    return draw("line", { class: name, x1: at.x, x2: at.x, y1: at.y, y2: at.y });
  };
  byId("gains-curve").replaceChildren(
    draw("line", { class: "zero", x2: WIDTH, y1: y(0), y2: y(0) }),
    mark("own", own),
    ...(best ? [mark("best", best.percent / 100)] : []),
    draw("polyline", { points: points.map(({ threshold, gain }) => `${x(threshold)},${y(gain)}`).join(" ") }),
    ...(best ? [dot("best", best.percent / 100)] : []),
    ...(chosen === null ? [] : [dot("here", chosen)]),
  );
  [byId("gains-highest").textContent, byId("gains-lowest").textContent] = [spellMoney(highest), spellMoney(lowest)];
  byId("gains-words").replaceChildren(...wordMarks(curve, { own, chosen }));
  showTable(curve, { own, best });
}

/** The key of the picture: each mark with its sign and its meaning. */
function wordMarks(curve, { own, chosen }) {
  const { best } = curve;
  const word = (name, threshold) => `${name}, ${spellPercent(threshold * 100)}: ${spellMoney(curve.at(threshold).gain)}.`;
  const key = (kind) => {
    const line = draw("line", { class: kind, x1: kind === "here" ? 10 : 0, x2: kind === "here" ? 10 : 20, y1: 5, y2: 5 });
    return draw("svg", { class: "sign", viewBox: "0 0 20 10", width: 20, height: 10, "aria-hidden": "true" }, line);
  };
  const marks = [["own", word("The service\u2019s own threshold", own)]];
  if (best) marks.unshift(["best", word("The best threshold", best.percent / 100)]);
  else marks.unshift(["", "No threshold earns anything: it is best to call nobody."]);
  if (chosen !== null) marks.push(["here", word("The chosen threshold", chosen)]);
  return marks.map(([kind, words]) => make("span", {}, ...(kind ? [key(kind)] : []), `${words} `));
}

function showTable(curve, { own, best }) {
  const named = new Map([[own * 100, " (the service\u2019s own)"]]);
  if (best) named.set(best.percent, " (the best)");
  const percents = [...new Set([...ROWS, ...named.keys()])].sort((one, other) => one - other);
  const rows = percents.map((percent) => {
    const { calls, gain } = curve.at(percent / 100);
    const head = make("th", { scope: "row" }, spellPercent(percent) + (named.get(percent) ?? ""));
    return make("tr", {}, head, make("td", {}, count(calls, "call")), make("td", {}, spellMoney(gain)));
  });
  byId("gains-table").tBodies[0].replaceChildren(...rows);
}
