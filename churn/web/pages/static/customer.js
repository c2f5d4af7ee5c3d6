// The customer's form: what is in it, what its fields are called, and the problems at them.

import { byId } from "./elements.js";
import { Groups } from "./groups.js";
import { isBlank, spellClean } from "./spelling.js";
import { count, sentence } from "./words.js";

const ANOTHER = "another value than "; // how the service says that a value is to change

export class CustomerForm {
  constructor(form) {
    this.form = form;
    this.controls = new Map([...form.querySelectorAll("[name]")].map((control) => [control.name, control])); // form.elements may be a field's
    this.groups = new Groups(JSON.parse(form.dataset.groups), this.controls);
    form.addEventListener("input", (event) => this.#pair(event.target));
    form.addEventListener("change", ({ target }) => target.options && this.#follow(target));
  }

  /** The customer as JSON takes it. Numbers go as they are typed: the service alone judges them. */
  read() {
    return Object.fromEntries([...this.controls].map(([name, control]) => [name, control.value]));
  }

  hasBlank() {
    return [...this.controls.values()].some((control) => !control.options && isBlank(control.value));
  }

  /** The names of the fields whose numbers have a percent sign. */
  percentFields() {
    return new Set([...this.controls].filter(([, { dataset }]) => "percent" in dataset).map(([name]) => name));
  }

  /** A field's categories, as values; null for a number. */
  categories(name) {
    const { options } = this.controls.get(name);
    return options ? new Set([...options].map(({ value }) => value)) : null;
  }

  /** What a field takes, in words. */
  hint(name) {
    const { id, options } = this.controls.get(name);
    return options ? [...options].map(({ text }) => text).join(", ") : `A number. ${byId(`${id}-hint`)?.textContent ?? ""}`;
  }

  label(name) {
    return this.controls.get(name)?.dataset.label ?? name;
  }

  /** A field's value in words: a category's label, a number with its unit. */
  word(name, value) {
    const control = this.controls.get(name);
    if (control?.options) {
      return [...control.options].find((option) => option.value === String(value))?.text ?? String(value);
    }
    const number = typeof value === "number" ? String(Number(value.toPrecision(6))) : value || "blank";
    return value === "" ? number : (control?.dataset.unit ?? "") + number;
  }

  /** The fields that a reason's field works together with, in words to follow its own; "" where there are none. */
  wordPartners({ together_with: partners = [] }) {
    return partners.length ? `, together with ${partners.map((name) => this.label(name)).join(" and ")}` : "";
  }

  /** Forgets the changes that were made with others: the form has its first values back. */
  startOver() {
    this.#clearNotes();
    this.groups.remember();
  }

  /** Says at each number that is outside of what training saw that it is. Returns the same in words for a list. */
  showOutside(reasons) {
    const outside = reasons.filter(({ field, value }) => this.#isOutside(this.controls.get(field), value)).map(({ field }) => field);
    for (const [name, control] of this.controls) {
      if (!control.options) byId(`${control.id}-note`).textContent = outside.includes(name) ? `Training saw ${control.dataset.seen}.` : "";
    }
    return outside.map((name) => `${this.label(name)}: training saw ${this.controls.get(name).dataset.seen}`);
  }

  /** How many customers have a field outside of what training saw, in words. */
  wordOutside(name, customers) {
    const { seen } = this.controls.get(name)?.dataset ?? {};
    return `${count(customers, "customer")} ${customers === 1 ? "has" : "have"} \u2018${this.label(name)}\u2019 outside of what training saw${seen ? ` (${seen})` : ""}.`;
  }

  /** Shows problems at their fields, those of fields that it has. */
  show(problems) {
    for (const problem of problems) {
      const control = this.controls.get(problem.field);
      if (!control) continue;
      control.setAttribute("aria-invalid", "true");
      byId(`${control.id}-problem`).textContent = this.wordProblem(problem);
    }
  }

  clear() {
    for (const control of this.controls.values()) {
      control.removeAttribute("aria-invalid");
      byId(`${control.id}-problem`).textContent = "";
    }
  }

  /** A problem in words, without its field's name; `expected`, categories or a sentence, may be missing. */
  wordProblem({ field, problem, expected, did_you_mean: meant, with: partner }) {
    if (problem === "contradicts") return this.#wordContradiction(field, expected, partner);
    if (problem === "out of range") return `Too far from what the model knows.${expected ? ` It takes ${expected}.` : ""}`;
    if (meant !== undefined) return `${sentence(problem)}. Did you mean ${this.word(field, meant)}?`;
    if (expected === undefined) return `${sentence(problem)}.`;
    const wanted = Array.isArray(expected) ? expected.map((category) => this.word(field, category)).join(", ") : expected;
    return `${sentence(problem)}. Expected: ${wanted}.`;
  }

  /** A problem in a few words, beside its field's name. */
  nameProblem({ problem, with: partner }) {
    if (problem === "contradicts" && partner) return `does not go with ${this.#wordValue(partner)}`;
    return problem === "out of range" ? "too far from what the model knows" : problem;
  }

  #wordValue({ field, value }) {
    return `${this.label(field)}: ${this.word(field, value)}`;
  }

  #wordContradiction(field, expected, partner) {
    if (!partner) return "Does not go with another value of this customer.";
    const wanted = expected.startsWith(ANOTHER) ? ANOTHER + this.word(field, expected.slice(ANOTHER.length)) : this.word(field, expected);
    return `Does not go with \u2018${this.#wordValue(partner)}\u2019. Expected: ${wanted}.`;
  }

  /** Lets the fields that go together with a changed one follow it, and says which did. */
  #follow(changed) {
    this.#clearNotes();
    const followers = this.groups.follow(changed.name);
    const because = `${this.label(changed.name)}: ${this.word(changed.name, changed.value)}`;
    for (const name of followers) byId(`${this.controls.get(name).id}-note`).textContent = `Changed with \u2018${because}\u2019.`;
    const set = followers.map((name) => `${this.label(name)}: ${this.word(name, this.controls.get(name).value)}`);
    byId("form-status").textContent = set.length ? `${because}. Changed with it: ${set.join("; ")}.` : "";
  }

  #clearNotes() {
    for (const control of this.controls.values()) if (control.options) byId(`${control.id}-note`).textContent = "";
    byId("form-status").textContent = "";
  }

  /** Whether a number, as the service read it, is outside of what training saw; what a blank stands for never is. */
  #isOutside(control, number) {
    const { seen, lowestSeen, highestSeen, missing } = control?.dataset ?? {};
    if (!seen || isBlank(control.value) || missing.split(" ").includes(spellClean(control.value))) return false;
    return number < Number(lowestSeen) || number > Number(highestSeen);
  }

  /** A number and its slider follow each other. */
  #pair(changed) {
    if (changed.dataset.for) byId(changed.dataset.for).value = changed.value;
    const slider = this.form.querySelector(`[data-for="${changed.id}"]`);
    if (changed.id && slider) slider.value = changed.value;
  }
}
