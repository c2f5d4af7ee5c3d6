// The form of one customer: reads and fills its fields, words their names and values, and shows problems at them.

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
    this.controls = new Map([...form.querySelectorAll("[name]")].map((control) => [control.name, control])); // a field named `elements` would hide form.elements
    this.groups = new Groups(JSON.parse(form.dataset.groups), this.controls);
    form.addEventListener("input", ({ target }) => this.#followNumber(target));
    form.addEventListener("change", ({ target }) => {
      if (!target.options) return;
      this.#clearNotes();
      this.#follow(target);
    });
  }

  /** The customer as JSON to send. A text that is not a number is sent as it is: only the service judges it. */
  read() {
    return Object.fromEntries([...this.controls].map(([name, control]) => [name, control.options ? control.value : readField(control)]));
  }

  /**
   * Fills the form with a customer, { field: text }, and dispatches the event "fill". Other fields keep their values.
   *
   * Categories may have any spelling. Numbers have the table's `decimalMark`, a value of X-Decimal-Mark or "each";
   * without one they are as a person types them. Returns the names of the fields that are not filled, since the form
   * does not have the field or the category.
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

  /**
   * Fills the form with the customer of a link. Fields that the link lacks get their start values, or those that go
   * with the link's values.
   */
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

  /** The values that a field accepts, in words. */
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

  /** The fields that a reason depends on besides its own, in words to append; "" without any. */
  wordPartners({ together_with: partners = [] }) {
    return partners.length ? `, together with ${partners.map((name) => this.label(name)).join(" and ")}` : "";
  }

  /** Makes the form's present values its start: clears the notes, and forgets the changes that groups made. */
  startOver() {
    this.#clearNotes();
    this.groups.startOver();
    for (const control of this.#numbers()) {
      this.#moveSlider(control);
      noteNumber(control);
    }
  }

  /** The numbers, as the service read them, that are outside the range of training, as texts for a list. */
  listOutside(reasons) {
    const outside = reasons.filter(({ field, value }) => isOutside(this.controls.get(field), value));
    return outside.map(({ field }) => `${this.label(field)}: the model has only seen ${this.controls.get(field).dataset.seen}`);
  }

  /** The number of customers with a field outside the range of training, in words. */
  wordOutside(name, customers) {
    const { seen } = this.controls.get(name)?.dataset ?? {};
    return `${count(customers, "customer")} ${customers === 1 ? "has" : "have"} \u2018${this.label(name)}\u2019 outside of what the model has seen${seen ? ` (${seen})` : ""}.`;
  }

  /** Shows each problem at its field, if the form has the field. */
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

  /** Changes the fields that go together with a changed one, and notes this at each of them. */
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

  /** Keeps a number and its slider equal. */
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

/**
 * True if a number, as the service read it, is outside the range of training. A number that stands for a blank never
 * is.
 */
function isOutside(control, number) {
  const { seen, lowestSeen, highestSeen } = control?.dataset ?? {};
  if (!seen || typeof readField(control) !== "number") return false;
  return number < Number(lowestSeen) || number > Number(highestSeen);
}
