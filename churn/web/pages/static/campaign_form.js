// The campaign's form: its figures, the choice of customers, the limit, and the wrong or missing entries.

import { findSign } from "./amounts.js";
import { byId, make } from "./elements.js";
import { FigureField, readCount, readPercent } from "./figure_field.js";
import { Terms } from "./gain.js";
import { isBlank, spellClean } from "./spelling.js";
import { count, spellMoney } from "./words.js";

const LARGEST_VALUE = 1e100; // of a customer; this and the sign of a column are rules of churn/tables/customer_values.py
const LOOKED_AT_ROWS = 1000; // in which the sign of a column is searched
const LIKELY_COLUMNS = [/month.*(charge|fee|price|revenue|spend|bill)/i, /charge|fee|price|revenue|spend|amount|bill/i];

const judgeAbove = (number) => (number > 0 ? "" : "Must be above 0.");
const judgeCost = (number) => (number >= 0 ? "" : "Must be 0 or more.");
const judgeShare = (number) => (number > 0 && number <= 100 ? "" : "Must be above 0 % and at most 100 %.");
const judgeRisk = (number) => (number >= 0 && number <= 100 ? "" : "Must be from 0 to 100 %.");
const judgeCalls = (number) => (Number.isInteger(number) && number > 0 ? "" : "Must be a whole number, 1 or more.");

/**
 * The form of a campaign. `way` is the choice of customers, "paying" or "risk" (from a `threshold`, 0 to 1, upwards);
 * `most` is the limit on calls.
 */
export class CampaignForm {
  #value = new FigureField("campaign-value", { judge: judgeAbove });
  #months = new FigureField("campaign-months", { read: readCount, judge: judgeAbove });
  #offer = new FigureField("campaign-offer", { judge: judgeCost });
  #contact = new FigureField("campaign-contact", { judge: judgeCost });
  #accept = new FigureField("campaign-accept", { read: readPercent, judge: judgeShare });
  #risk = new FigureField("campaign-risk", { read: readPercent, judge: judgeRisk });
  #calls = new FigureField("campaign-calls", { read: readCount, judge: judgeCalls });
  #budget = new FigureField("campaign-budget", { judge: judgeCost });
  #view;
  #form;
  #amounts = new Map(); // by column
  #asked = []; // the fields that the present choice needs

  /** `view` has the customers, `form` the model's fields. */
  constructor(view, form) {
    [this.#view, this.#form] = [view, form];
    this.#listColumns();
  }

  /**
   * The figures, { terms, values, key }, or null if one is wrong or missing. `values` are as findGains takes them.
   *
   * Equal figures have the same `key`.
   */
  readFigures() {
    const isColumn = byId("campaign-value-by").value === "column";
    byId("campaign-by-amount").hidden = isColumn;
    byId("campaign-by-column").hidden = !isColumn;
    const [worthField, unused] = isColumn ? [this.#months, this.#value] : [this.#value, this.#months];
    unused.read({ counts: false });
    const fields = [worthField, this.#offer, this.#contact, this.#accept];
    const [worth, offer, contact, accept] = fields.map((field) => field.read());
    this.#asked = fields;
    const place = isColumn ? Number(byId("campaign-column").value) : null;
    this.#noteWithoutValue(place);
    if ([worth, offer, contact, accept].some(Number.isNaN)) return null;
    const terms = new Terms({ offer, contact, accept: accept / 100 });
    const values = isColumn ? this.#worthOf(place, worth) : worth;
    return { terms, values, key: [offer, contact, accept, worth, place].join() };
  }

  /**
   * The choice of customers. A wrong or missing `threshold` or `most` is NaN. `terms` give the calls that a budget
   * pays for.
   */
  readChoice(terms) {
    const [way, limit] = [checked("campaign-way"), checked("campaign-limit")];
    const risk = this.#risk.read({ counts: way === "risk" });
    const calls = this.#calls.read({ counts: limit === "calls" });
    const budget = this.#budget.read({ counts: limit === "budget" });
    this.#noteBudget(limit === "budget" ? budget : NaN, terms);
    this.#asked.push(...(way === "risk" ? [this.#risk] : []), ...({ calls: [this.#calls], budget: [this.#budget] }[limit] ?? []));
    const most = { none: Infinity, calls, budget: Number.isNaN(budget) ? NaN : terms.countCalls(budget) }[limit];
    return { way, threshold: risk / 100, most };
  }

  /** The missing entries of the last reading, in words. */
  get missing() {
    const labels = this.#asked.filter((field) => field.isBlank).map(({ label }) => label);
    return labels.length ? `Still to be filled in: ${labels.join(", ")}.` : "";
  }

  /** The wrong entries of the last reading, in words. */
  get complaints() {
    return this.#asked.map(({ complaint }) => complaint).filter(Boolean).join(" ");
  }

  /** Chooses all customers from this risk upwards, in percent. */
  chooseRisk(percent) {
    byId("campaign-from").checked = true;
    this.#risk.set(percent);
  }

  /** Lists the columns of numbers. The column chosen before stays chosen; otherwise the likeliest one is. */
  #listColumns() {
    const { columns } = this.#view.customers;
    const places = [...columns.keys()].filter((place) => this.#view.numbersOf(place));
    const select = byId("campaign-column");
    const before = select.selectedOptions[0]?.text;
    const titles = new Map(places.map((place) => [place, this.#titleOf(place)]));
    const likely = LIKELY_COLUMNS.map((pattern) => places.find((place) => pattern.test(columns[place].name)));
    const chosen = places.find((place) => titles.get(place) === before) ?? likely.find((place) => place !== undefined) ?? places[0];
    select.replaceChildren(...places.map((place) => make("option", { value: place, selected: place === chosen }, titles.get(place))));
    const by = byId("campaign-value-by");
    by.options[1].disabled = places.length === 0;
    if (!places.length) by.value = "amount";
  }

  #titleOf(place) {
    const { name, field } = this.#view.customers.columns[place];
    return field ? this.#form.label(field) : name;
  }

  /** The numbers in a column, one for each customer, NaN for a cell without one; `none` counts these cells. */
  #amountsOf(place) {
    if (!this.#amounts.has(place)) {
      const column = this.#view.customers.columns[place];
      const missing = (this.#form.controls.get(column.field)?.dataset.missing ?? "").split(" ").filter(Boolean);
      const missingNumbers = missing.map(Number).filter(Number.isFinite);
      const all = this.#view.numbersOf(place);
      const signs = column.field ? [] : column.texts.map(findSign);
      const sign = findColumnSign(column, all, signs);
      const isNone = column.texts.map((text, code) => missing.includes(spellClean(text)) || (signs[code] && signs[code] !== sign));
      const numbers = all.map((number, customer) => (isNone[column.codes[customer]] || missingNumbers.includes(number) ? NaN : number));
      this.#amounts.set(place, { numbers, none: numbers.reduce((sum, number) => sum + Number(Number.isNaN(number)), 0) });
    }
    return this.#amounts.get(place);
  }

  /** The value of each customer by a column, NaN for one without a number. */
  #worthOf(place, months) {
    const { numbers } = this.#amountsOf(place);
    return numbers.map((number) => (Math.abs(number * months) <= LARGEST_VALUE ? number * months : NaN));
  }

  #noteWithoutValue(place) {
    const none = place === null ? 0 : this.#amountsOf(place).none;
    const are = none === 1 ? "1 customer has" : `${count(none, "customer")} have`;
    const never = none === 1 ? "it is never called" : "they are never called";
    byId("campaign-value-note").textContent = none ? `${are} no number in ${this.#titleOf(place)}: ${never}.` : place === null ? "If the customer is kept." : "If the customer is kept: months \u00d7 the column.";
  }

  #noteBudget(budget, terms) {
    const calls = terms.countCalls(budget);
    const each = `${spellMoney(terms.contact)} + ${spellMoney(terms.offer)}`;
    const words = calls === Infinity ? "A call costs nothing, so a budget is not a limit." : `Pays for ${count(calls, "call")}: each costs at most ${each}.`;
    byId("campaign-budget-note").textContent = Number.isNaN(budget) ? "" : words;
  }
}

/**
 * The sign of the first number of a column that has one. Amounts with another sign are in another currency and do not
 * count.
 */
function findColumnSign({ codes }, numbers, signs) {
  const first = codes.subarray(0, LOOKED_AT_ROWS).find((code, customer) => !Number.isNaN(numbers[customer]) && signs[code]);
  return signs[first] ?? "";
}

const checked = (name) => document.querySelector(`[name="${name}"]:checked`).value;
