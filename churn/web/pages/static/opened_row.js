// A customer of the list in the form. While the row is open, its values are the form's start values.

import { byId } from "./elements.js";
import { percent } from "./words.js";

const NEAR = 1e-9;

export class OpenedRow {
  #form;
  #own; // the form's own start values, by control
  #probability = null;
  #customer = null; // as the form has read it, null while no row is open
  #unread = []; // the fields for which the file has no value that the form knows
  #left = new Map(); // the form's values before, by control

  constructor(form) {
    this.#form = form;
    this.#own = new Map([...form.controls.values()].map((control) => [control, readFirst(control)]));
    form.form.addEventListener("answered", ({ detail }) => this.#check(detail));
  }

  /** Fills the form with a customer of the list; `name` is the title of the row. */
  open(customers, customer, name) {
    if (!this.#customer) this.#left = new Map([...this.#own.keys()].map((control) => [control, control.value]));
    this.#probability = customers.probabilities[customer];
    byId("row-title").textContent = name;
    byId("row-problem").hidden = true;
    for (const [control, value] of this.#own) control.value = value; // for fields that the file lacks
    const cells = customers.cellsOf(customer);
    const unknown = this.#form.fill(cells, { decimalMark: customers.decimalMark ?? "each" });
    this.#unread = [...this.#form.controls.keys()].filter((name) => !(name in cells) || unknown.includes(name));
    this.#customer = this.#form.read();
    for (const control of this.#own.keys()) this.#begin(control, control.value);
    this.#form.form.requestSubmit(); // ask at once: the pause is for typing
  }

  /** Restores the form's own start values, and the values that it had before. */
  close() {
    if (!this.#customer) return;
    this.#customer = null;
    for (const [control, value] of this.#own) this.#begin(control, value);
    this.#form.form.reset();
    for (const [control, value] of this.#left) control.value = value;
  }

  /** Makes a value the start value of its control, to which a reset returns. */
  #begin(control, value) {
    if (control.options) for (const option of control.options) option.defaultSelected = option.value === value;
    else control.defaultValue = value;
    const slider = this.#form.form.querySelector(`[data-for="${control.id}"]`);
    if (slider) slider.defaultValue = value;
  }

  /** Shows all reasons of the row, and a problem if its probability is no longer that of the list. */
  #check({ answer, customer }) {
    if (!this.#customer || Object.entries(this.#customer).some(([field, value]) => customer[field] !== value)) return;
    const all = byId("all-reasons");
    if (!all.hidden && all.getAttribute("aria-expanded") === "false") all.click();
    const now = answer.churn_probability;
    const differs = Math.abs(now - this.#probability) > NEAR;
    byId("row-problem").hidden = !differs;
    if (differs) {
      const labels = this.#unread.map((name) => `\u2018${this.#form.label(name)}\u2019`).join(", ");
      const why = labels ? `the file has nothing that the form knows for ${labels}, so the form has its usual start there` : "its model has changed, or it reads the row differently";
      byId("row-problem").textContent = `The list has ${percent(this.#probability)} for this row, but the service now says ${percent(now)}: ${why}. Score the file again to make both alike.`;
    }
  }
}

const readFirst = (control) => (control.options ? ([...control.options].find(({ defaultSelected }) => defaultSelected) ?? control.options[0]).value : control.defaultValue);
