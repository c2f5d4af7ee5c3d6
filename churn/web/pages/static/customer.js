// The customer's form: what is in it, what its fields are called, and where the problems of a customer stand.

import { byId } from "./elements.js";
import { Groups } from "./groups.js";
import { clearNote, noteNumber, readField, spellForField } from "./number_field.js";
import { findOption } from "./options.js";
import { wordProblem } from "./problem_words.js";
import { isBlank } from "./spelling.js";
import { count } from "./words.js";

export class CustomerForm {
  constructor(form) {
    this.form = form;
    this.controls = new Map([...form.querySelectorAll("[name]")].map((control) => [control.name, control])); // form.elements may be a field's
    this.groups = new Groups(JSON.parse(form.dataset.groups), this.controls);
    form.addEventListener("input", ({ target }) => this.#followNumber(target));
    form.addEventListener("change", ({ target }) => {
      if (!target.options) return;
      this.#clearNotes();
      this.#follow(target);
    });
  }

  /** The customer as JSON takes it. What is typed and no number goes as it is: the service alone judges it. */
  read() {
    return Object.fromEntries([...this.controls].map(([name, control]) => [name, control.options ? control.value : readField(control)]));
  }

  /**
   * Puts a customer into the form, { field: text }, and tells so with the event "fill". Fields that are not given stay.
   *
   * Categories are in any spelling, numbers with the table's `decimalMark`, as X-Decimal-Mark has it; without one they are
   * as a person types them. Returns the names of the fields that the form has not, or whose categories, which stay, too.
   */
  fill(customer, { decimalMark = null } = {}) {
    const unknown = [];
    for (const [name, text] of Object.entries(customer)) {
      const control = this.controls.get(name);
      const value = !control ? null : control.options ? findOption(control, text) : decimalMark ? spellForField(text, control, decimalMark) : text;
      if (value === null) unknown.push(name);
      else control.value = value;
    }
    this.startOver();
    this.form.dispatchEvent(new Event("fill"));
    return unknown;
  }

  /** Fills in the customer of a link. Fields that it has not get their first values, or those that go with its own. */
  fillFromStart(customer) {
    this.fill({ ...Object.fromEntries([...this.controls].map(([name, control]) => [name, readStart(control)])), ...customer });
    const given = Object.keys(customer);
    for (const name of given) if (this.controls.get(name).options) this.#follow(this.controls.get(name), given);
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

  /** Begins with the values that are in the form now: forgets the changes that were made with others. */
  startOver() {
    this.#clearNotes();
    this.groups.startOver();
    for (const control of this.#numbers()) {
      this.#moveSlider(control);
      noteNumber(control);
    }
  }

  /** The numbers that the service read and that are outside of what training saw, in words for a list. */
  listOutside(reasons) {
    const outside = reasons.filter(({ field, value }) => isOutside(this.controls.get(field), value));
    return outside.map(({ field }) => `${this.label(field)}: training saw ${this.controls.get(field).dataset.seen}`);
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
      if (!control.options) clearNote(control); // the problem says more
      byId(`${control.id}-problem`).textContent = wordProblem(problem, this);
    }
  }

  clear() {
    for (const control of this.controls.values()) {
      control.removeAttribute("aria-invalid");
      byId(`${control.id}-problem`).textContent = "";
    }
  }

  /** Lets the fields that go together with a changed one follow it, and says which did. */
  #follow(changed, held = []) {
    const followers = this.groups.follow(changed.name, held);
    if (!followers.length) return;
    const because = `${this.label(changed.name)}: ${this.word(changed.name, changed.value)}`;
    for (const name of followers) byId(`${this.controls.get(name).id}-note`).textContent = `Changed with \u2018${because}\u2019.`;
    const set = followers.map((name) => `${this.label(name)}: ${this.word(name, this.controls.get(name).value)}`);
    byId("form-status").textContent = `${because}. Changed with it: ${set.join("; ")}.`;
  }

  #clearNotes() {
    for (const control of this.controls.values()) if (control.options) byId(`${control.id}-note`).textContent = "";
    byId("form-status").textContent = "";
  }

  #numbers() {
    return [...this.controls.values()].filter(({ options }) => !options);
  }

  /** A number and its slider follow each other. */
  #followNumber(changed) {
    const control = changed.dataset.for ? byId(changed.dataset.for) : changed;
    if (control !== changed) control.value = changed.value;
    if (control.options) return;
    this.#moveSlider(control);
    noteNumber(control);
  }

  #moveSlider(control) {
    const slider = this.form.querySelector(`[data-for="${control.id}"]`);
    if (slider) slider.value = readField(control);
  }
}

/** A control's value when the page is opened. */
const readStart = ({ options, defaultValue }) => (options ? [...options].find((option) => option.defaultSelected) ?? options[0] : { value: defaultValue }).value;

/** Whether a number, as the service read it, is outside of what training saw; what a blank stands for never is. */
function isOutside(control, number) {
  const { seen, lowestSeen, highestSeen } = control?.dataset ?? {};
  if (!seen || typeof readField(control) !== "number") return false;
  return number < Number(lowestSeen) || number > Number(highestSeen);
}
