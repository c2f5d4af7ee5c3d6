// Shows the service's answer for the customer: probability, decision, and the changes against a comparison.

import { byId, make, showList } from "./elements.js";
import { nameProblem } from "./problem_words.js";
import { eventWords, inPercent, percent, sentence } from "./words.js";

/** The difference of two probabilities in percentage points, computed from their rounded figures. */
function compare(before, now) {
  const points = (Math.round(now * 1000) - Math.round(before * 1000)) / 10;
  return points === 0 ? "no difference" : `${Math.abs(points).toFixed(1)} points ${points > 0 ? "more" : "less"}`;
}

export class Verdict {
  #comparison = null; // { probability, customer, name }
  #shown = null;

  constructor(form) {
    this.form = form;
    byId("keep").addEventListener("click", () => this.#keep("Kept at"));
  }

  /** Makes the next answer the comparison. */
  startOver() {
    this.#comparison = null;
  }

  wait() {
    byId("verdict").setAttribute("aria-busy", "true");
  }

  /** Shows the answer for a customer; the first one becomes the comparison. */
  show({ churn_probability: probability, churn, reasons }, customer) {
    this.#shown = { probability, customer };
    byId("verdict").setAttribute("aria-busy", "false");
    byId("verdict").classList.remove("stale");
    byId("failure").hidden = true;
    byId("probability").value = probability;
    byId("probability").textContent = inPercent(probability);
    byId("scale-probability").textContent = percent(probability);
    byId("meter-fill").setAttribute("width", probability * 100);
    byId("verdict").dataset.churn = churn;
    byId("decision").textContent = sentence(churn ? eventWords().likely : eventWords().unlikely);
    if (!this.#comparison) this.#keep("Started at");
    this.#compare();
    const outside = this.form.listOutside(reasons);
    showList("outside", outside);
    const words = `${byId("decision").textContent}, ${inPercent(probability)} percent.`;
    byId("announcement").textContent = [words, byId("comparison").textContent, ...outside].join(" ");
  }

  /** Marks the shown answer as out of date, and shows why. */
  fail(text, problems = []) {
    byId("verdict").setAttribute("aria-busy", "false");
    byId("verdict").classList.add("stale");
    byId("announcement").textContent = "";
    showList("outside", []);
    byId("failure").hidden = false;
    byId("failure-text").textContent = text;
    byId("failure-fields").replaceChildren(...problems.map((problem) => make("li", {}, this.#point(problem))));
    byId("retry").hidden = problems.length > 0;
  }

  #point(problem) {
    const control = this.form.controls.get(problem.field);
    const words = (problem.field ? `${this.form.label(problem.field)}: ` : "") + nameProblem(problem, this.form);
    return control ? make("a", { href: `#${control.id}` }, words) : words;
  }

  #keep(name) {
    if (!this.#shown || byId("verdict").classList.contains("stale")) return;
    this.#comparison = { ...this.#shown, name };
    this.#compare();
  }

  #compare() {
    const { probability: before, customer, name } = this.#comparison;
    const now = this.#shown.probability;
    const changed = Object.keys(customer).filter((field) => customer[field] !== this.#shown.customer[field]);
    byId("changes").replaceChildren(...changed.map((field) => make("li", {}, this.#wordChange(field, customer))));
    byId("keep").hidden = changed.length === 0;
    byId("comparison").textContent = changed.length
      ? `${name} ${inPercent(before)} % \u2192 now ${inPercent(now)} % (${compare(before, now)})`
      : `${name} ${inPercent(before)} %. Change a field to see what it does.`;
  }

  #wordChange(field, before) {
    const now = this.#shown.customer;
    return `${this.form.label(field)}: ${this.form.word(field, before[field])} \u2192 ${this.form.word(field, now[field])}`;
  }
}
