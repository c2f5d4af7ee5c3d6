// The histogram of the risk: bars, each of which filters by its range, and the same counts as a table. There are
// twenty bars, or ten on a phone, where twenty would be narrower than a finger.

import { byId, draw, make } from "./elements.js";
import { count, inPercent, percent, spellCount } from "./words.js";

const PHONE = "(max-width: 40rem)"; // as in list.css
const HEIGHT = 100;

/** The range of risk of a bar, if there are `bars` of them. */
const partOf = (bar, bars) => [bar / bars, (bar + 1) / bars];

const wordPart = (bar, bars) => `${(100 / bars) * bar} to ${(100 / bars) * (bar + 1)}\u00a0%`;

/**
 * Shows the customers that pass the view's search and filters, except the filter by risk: bars outside of that one
 * are pale.
 */
export function showHistogram(view, { threshold, signal }) {
  const phone = matchMedia(PHONE);
  const group = byId("histogram-bars");
  let [bars, buttons, drawn] = [[], [], null];

  function begin() {
    bars = Array.from({ length: phone.matches ? 10 : 20 }, (_, bar) => makeBar(bar));
    buttons = bars.map(({ button }) => button);
    for (const [bar, button] of buttons.entries()) button.addEventListener("click", () => toggle(bar));
    drawn = null;
    group.replaceChildren(...buttons);
    update();
  }

  function update() {
    const customers = view.matchingWithout("risk");
    const [low, high] = view.risk;
    for (const [bar, { button }] of bars.entries()) {
      const [from, to] = partOf(bar, bars.length);
      button.classList.toggle("pale", to <= low || from >= high);
      button.setAttribute("aria-pressed", low === from && high === to);
    }
    if (customers === drawn) return;
    drawn = customers;
    const counts = countParts(customers, view.customers.probabilities, bars.length);
    const most = Math.max(...counts, 1);
    for (const [bar, { button, rect }] of bars.entries()) {
      const height = counts[bar] ? Math.max((HEIGHT * counts[bar]) / most, 1) : 0;
      rect.setAttribute("height", height);
      rect.setAttribute("y", HEIGHT - height);
      const words = `${wordPart(bar, bars.length)}: ${count(counts[bar], "customer")}`;
      button.setAttribute("aria-label", words);
      button.title = words;
    }
    showInWords(counts, customers, view.customers.probabilities, threshold);
  }

  group.addEventListener("keydown", (event) => moveFocus(event, buttons), { signal });
  view.addEventListener("change", update, { signal });
  phone.addEventListener("change", begin, { signal });
  begin();

  function toggle(bar) {
    const isPressed = buttons[bar].getAttribute("aria-pressed") === "true";
    for (const button of buttons) button.tabIndex = button === buttons[bar] ? 0 : -1;
    view.change({ risk: isPressed ? [0, 1] : partOf(bar, bars.length) });
  }
}

function makeBar(bar) {
  const rect = draw("rect", { class: "bar", width: 100, height: 0 });
  const picture = draw("svg", { viewBox: `0 0 100 ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, rect);
  return { rect, button: make("button", { type: "button", tabIndex: bar ? -1 : 0 }, picture) };
}

/** The number of customers in each of `bars` equal ranges of risk. */
export function countParts(customers, probabilities, bars) {
  const counts = new Uint32Array(bars);
  for (const customer of customers) {
    const probability = probabilities[customer];
    let bar = Math.min(Math.floor(probability * bars), bars - 1);
    if (probability < partOf(bar, bars)[0]) bar--;
    else if (bar < bars - 1 && probability >= partOf(bar, bars)[1]) bar++;
    counts[bar]++;
  }
  return counts;
}

function showInWords(counts, customers, probabilities, threshold) {
  let [above, sum] = [0, 0];
  for (const customer of customers) {
    if (probabilities[customer] >= threshold) above++;
    sum += probabilities[customer];
  }
  const most = counts.indexOf(Math.max(...counts));
  const words = `${spellCount(above)} of ${count(customers.length, "customer")} ${above === 1 ? "is" : "are"} at ${inPercent(threshold).replace(/\.0$/, "")}\u00a0% or more, right of the dashed line.`;
  byId("histogram-words").textContent = customers.length ? `${words} The mean is ${percent(sum / customers.length)}.` : "No customer is left.";
  byId("histogram-most").textContent = customers.length ? `The highest bar is ${count(counts[most], "customer")}.` : "";
  const rows = [...counts.entries()].map(([bar, customers]) =>
    make("tr", {}, make("th", { scope: "row" }, wordPart(bar, counts.length)), make("td", {}, spellCount(customers))),
  );
  byId("histogram-table").tBodies[0].replaceChildren(...rows);
}

/** Moves the focus from bar to bar by the arrow keys. Tab stops at only one of the bars. */
function moveFocus(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined || !buttons[to]) return;
  event.preventDefault();
  for (const button of buttons) button.tabIndex = button === buttons[to] ? 0 : -1;
  buttons[to].focus();
}
