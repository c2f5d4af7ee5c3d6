// The customer's form: what is in it, what its fields are called, and the problems at them.

import { byId } from "./elements.js";
import { isBlank } from "./spelling.js";
import { sentence } from "./words.js";

export class CustomerForm {
  constructor(form) {
    this.form = form;
    this.controls = new Map([...form.querySelectorAll("[name]")].map((control) => [control.name, control])); // form.elements may be a field's
    form.addEventListener("input", (event) => this.#pair(event.target));
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
  wordProblem({ field, problem, expected, did_you_mean: meant }) {
    if (meant !== undefined) return `${sentence(problem)}. Did you mean ${this.word(field, meant)}?`;
    if (expected === undefined) return `${sentence(problem)}.`;
    const wanted = Array.isArray(expected) ? expected.map((category) => this.word(field, category)).join(", ") : expected;
    return `${sentence(problem)}. Expected: ${wanted}.`;
  }

  /** A number and its slider follow each other. */
  #pair(changed) {
    if (changed.dataset.for) byId(changed.dataset.for).value = changed.value;
    const slider = this.form.querySelector(`[data-for="${changed.id}"]`);
    if (changed.id && slider) slider.value = changed.value;
  }
}
