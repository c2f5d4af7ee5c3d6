// A customer of the list in the form: its values are what the form starts from, and comes back to, until it is left.

import { byId } from "./elements.js";
import { percent } from "./words.js";

const NEAR = 1e-9;

export class OpenedRow {
  #form;
  #own; // the form's own first values, by control
  #probability = null;
  #customer = null; // as the form has read it, null while no row is open

  constructor(form) {
    this.#form = form;
    this.#own = new Map([...form.controls.values()].map((control) => [control, readFirst(control)]));
    form.form.addEventListener("answered", ({ detail }) => this.#check(detail));
  }

  /** Fills the form with a customer of the list; `name` says which row it is. */
  open(customers, customer, name) {
    this.#probability = customers.probabilities[customer];
    byId("row-title").textContent = name;
    byId("row-problem").hidden = true;
    this.#form.fill(customers.cellsOf(customer), { decimalMark: customers.decimalMark ?? "each" });
    this.#customer = this.#form.read();
    for (const control of this.#own.keys()) this.#begin(control, control.value);
    this.#form.form.requestSubmit(); // an answer now: nobody is typing
  }

  /** Gives the form its own first values back. */
  close() {
    if (!this.#customer) return;
    this.#customer = null;
    for (const [control, value] of this.#own) this.#begin(control, value);
    this.#form.form.reset();
  }

  /** Makes a value the first one of its control, to which starting over comes back. */
  #begin(control, value) {
    if (control.options) for (const option of control.options) option.defaultSelected = option.value === value;
    else control.defaultValue = value;
    const slider = this.#form.form.querySelector(`[data-for="${control.id}"]`);
    if (slider) slider.defaultValue = value;
  }

  /** Shows all reasons of the row, and says so where its probability is not the list's any more. */
  #check({ answer, customer }) {
    if (!this.#customer || Object.entries(this.#customer).some(([field, value]) => customer[field] !== value)) return;
    const all = byId("all-reasons");
    if (!all.hidden && all.getAttribute("aria-expanded") === "false") all.click();
    const now = answer.churn_probability;
    const differs = Math.abs(now - this.#probability) > NEAR;
    byId("row-problem").hidden = !differs;
    if (differs) {
      byId("row-problem").textContent = `The list has ${percent(this.#probability)} for this row, the service now says ${percent(now)}: its model is another by now, or it reads the row otherwise. Score the file anew to have both alike.`;
    }
  }
}

const readFirst = (control) => (control.options ? ([...control.options].find(({ defaultSelected }) => defaultSelected) ?? control.options[0]).value : control.defaultValue);
