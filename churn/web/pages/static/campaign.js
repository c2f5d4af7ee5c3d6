// What a campaign earns on the customers of a list. Joins the form, the curve and the call list, and updates them
// when the form or the list changes.

import { CallList } from "./call_list.js";
import { CampaignForm } from "./campaign_form.js";
import { byId, makeFact } from "./elements.js";
import { chooseCalls, expectGain, findGains } from "./gain.js";
import { GainCurve } from "./gain_curve.js";
import { showCurve, spellPercent } from "./gain_picture.js";
import { count, eventWords, inPercent, percent, spellMoney } from "./words.js";

const PAUSE_MS = 800; // between the last change and its announcement

let ends = new AbortController(); // ends the listeners of the shown campaign

/** Shows the campaign on a view's customers. `form` is the what-if form, `name` the name of the call list's files. */
export function showCampaign(view, { form, name }) {
  ends.abort();
  ends = new AbortController();
  const { signal } = ends;
  byId("campaign").hidden = view.customers.length === 0;
  if (!view.customers.length) return;
  const shown = new ShownCampaign(view, { fields: new CampaignForm(view, form), list: new CallList(view, { form, name, signal }), signal });
  listen(shown, view, signal);
  shown.update();
}

/** Drops the shown customers, before another list takes their place. */
export function dropCampaign() {
  ends.abort();
}

function listen(shown, view, signal) {
  const form = byId("campaign-form");
  const change = () => shown.change();
  for (const [id, radio] of [["campaign-risk", "campaign-from"], ["campaign-calls", "campaign-by-calls"], ["campaign-budget", "campaign-by-budget"]]) {
    byId(id).addEventListener("input", () => (byId(radio).checked = true), { signal });
  }
  byId("campaign-slider").addEventListener("input", ({ target }) => shown.chooseRisk(Number(target.value)), { signal });
  byId("campaign-use-best").addEventListener("click", () => shown.chooseBest(), { signal });
  for (const kind of ["input", "change"]) form.addEventListener(kind, change, { signal });
  form.addEventListener("submit", (event) => event.preventDefault(), { signal });
  view.addEventListener("change", () => shown.follow(), { signal });
}

class ShownCampaign {
  #view;
  #fields;
  #list;
  #matching = null; // the customers that are shown
  #figures = null;
  #gains = null;
  #variances = null;
  #curve = null;
  #curveOf = []; // the inputs of the curve
  #words = ""; // the outcome in words
  #timer = 0;

  constructor(view, { fields, list, signal }) {
    [this.#view, this.#fields, this.#list] = [view, fields, list];
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Chooses all customers from this risk upwards, in percent. */
  chooseRisk(percent) {
    this.#fields.chooseRisk(percent);
  }

  /** Chooses all customers from the best threshold upwards. */
  chooseBest() {
    this.#fields.chooseRisk(this.#curve.best.percent);
    this.change();
  }

  /** Updates the outcome if the list has other customers now. */
  follow() {
    if (this.#matching !== this.#view.matching) this.change();
  }

  /** Updates the outcome, and announces it to screen readers once the person pauses. */
  change() {
    this.update();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setText("campaign-status", this.#words), PAUSE_MS);
  }

  /** Shows the outcome, and keeps it in words. */
  update() {
    this.#matching = this.#view.matching;
    const figures = this.#fields.readFigures();
    const never = figures && wordNever(figures);
    setText("campaign-never", never ?? "");
    byId("campaign-never").hidden = !never;
    this.#take(never ? null : figures);
    byId("campaign-choice").hidden = this.#figures === null;
    const choice = this.#figures && this.#fields.readChoice(this.#figures.terms);
    setText("campaign-advice", this.#fields.missing || this.#wordBreakEven());
    const hasLimit = choice !== null && !Number.isNaN(choice.most);
    byId("gains").hidden = !hasLimit;
    if (hasLimit) this.#showCurve(choice);
    const isKnown = hasLimit && (choice.way === "paying" || !Number.isNaN(choice.threshold));
    byId("campaign-outcome").hidden = !isKnown;
    this.#words = isKnown ? this.#showOutcome(choice) : (never ?? (this.#fields.complaints || this.#fields.missing));
  }

  /** Takes new figures, null without any, and gives the list each customer's gain. */
  #take(figures) {
    if (figures?.key === this.#figures?.key) return;
    this.#figures = figures;
    const found = figures && findGains(figures.terms, figures.values, this.#view.customers.probabilities);
    [this.#gains, this.#variances] = [found?.gains ?? null, found?.variances ?? null];
    this.#view.change({ gains: this.#gains });
  }

  #wordBreakEven() {
    if (this.#figures === null || typeof this.#figures.values !== "number") return "";
    const { terms, values } = this.#figures;
    return `A call pays above a ${eventWords().risk} of ${percent(terms.findThreshold(values))}.`;
  }

  #showCurve({ way, threshold, most }) {
    const [matching, { customers }] = [this.#matching, this.#view];
    const madeOf = [matching, this.#gains, most];
    if (madeOf.some((part, number) => part !== this.#curveOf[number])) {
      this.#curve = new GainCurve(matching, { probabilities: customers.probabilities, gains: this.#gains, most });
      this.#curveOf = madeOf;
    }
    const isChosen = way === "risk" && !Number.isNaN(threshold);
    const slider = byId("campaign-slider");
    if (isChosen) slider.value = threshold * 100;
    slider.ariaValueText = spellPercent(Number(slider.value));
    showCurve(this.#curve, { own: Number(byId("campaign").dataset.threshold), chosen: isChosen ? threshold : null });
    const { best } = this.#curve;
    byId("campaign-use-best").hidden = best === null;
    byId("campaign-use-best").textContent = best ? `Use the best: ${spellPercent(best.percent)}` : "";
  }

  /** Shows the customers to call, with their cost and expected gain. Returns the outcome in words. */
  #showOutcome({ way, threshold, most }) {
    const [matching, { probabilities }] = [this.#matching, this.#view.customers];
    const isWanted = way === "risk" ? (customer) => probabilities[customer] >= threshold : undefined;
    const called = chooseCalls(matching, this.#gains, { isWanted, most });
    const expected = expectGain(called, this.#gains, this.#variances);
    const nobody = called.length ? "" : wordNobody({ way, most });
    byId("campaign-facts").replaceChildren(...this.#listFacts(called, expected, nobody));
    this.#list.show(called, this.#gains);
    const band = `${spellMoney(expected.low)} to ${spellMoney(expected.high)}`;
    return nobody || `${count(called.length, "call")}, expected gain ${spellMoney(expected.gain)}, ${band} in 95\u00a0% of cases.`;
  }

  #listFacts(called, { gain, low, high }, nobody) {
    const { terms, values } = this.#figures;
    const [matching, { probabilities }] = [this.#matching, this.#view.customers];
    const sumRisks = (some) => some.reduce((sum, customer) => sum + probabilities[customer], 0);
    const each = `${spellMoney(terms.contact)} + ${spellMoney(terms.offer)}`;
    const band = `if each ${eventWords().risk} is right and customers decide independently. If the model is wrong, this range does not show it.`;
    const facts = [
      ["Calls", count(called.length, "customer"), nobody || `of ${count(matching.length, "customer")}`],
      ["They cost at most", spellMoney(called.length * terms.cost), `${count(called.length, "call")}, each ${each}`],
      ["Expected gain", spellMoney(gain), `${spellMoney(low)} to ${spellMoney(high)} in 95\u00a0% of cases, ${band}`],
      [`Expected to ${eventWords().verb}`, sumOne(sumRisks(called)), `of them, and ${sumOne(sumRisks(matching))} of all ${count(matching.length, "customer")}`],
      ["Best threshold", ...wordBest(this.#curve.best)],
    ];
    if (typeof values !== "number" && called.length) facts.push(["Ranked by gain, not by risk", ...this.#compareWithRisk(called.length, gain)]);
    return facts.map((fact) => makeFact(...fact));
  }

  /** The gain of ranking by gain over the same number of calls ranked by risk, in words. */
  #compareWithRisk(calls, gain) {
    const known = this.#matching.filter((customer) => !Number.isNaN(this.#gains[customer]));
    const byRisk = chooseCalls(known, this.#view.customers.probabilities, { most: calls, isWanted: () => true });
    const other = expectGain(byRisk, this.#gains, this.#variances).gain;
    const share = other > 0 ? ` (+${inPercent((gain - other) / other)}\u00a0%)` : "";
    const meaning = `than the ${count(calls, "customer")} with the highest ${eventWords().risk}, who bring ${spellMoney(other)}`;
    return [`${spellMoney(Math.max(gain - other, 0))} more${share}`, meaning];
  }
}

/** The reason why no call can pay, if all customers are worth the same; null if a call can pay. */
function wordNever({ terms, values }) {
  if (typeof values !== "number" || terms.moreOfLeaver(values) > terms.cost) return null;
  const brings = spellMoney(terms.moreOfLeaver(values) - terms.offer);
  return `No contact ever pays: a customer who is certain to ${eventWords().verb} brings ${brings} on average, and a contact costs ${spellMoney(terms.contact)}.`;
}

/** The reason why no customer is called. */
function wordNobody({ way, most }) {
  if (most === 0) return "The budget does not pay for a single call.";
  return way === "risk" ? `None of these customers has a ${eventWords().risk} this high.` : "A call does not pay for any of these customers.";
}

const wordBest = (best) => (best ? [spellPercent(best.percent), `calling everybody from this ${eventWords().risk} upwards earns ${spellMoney(best.gain)}`] : ["None", "it is best to call nobody"]);

const sumOne = (sum) => sum.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function setText(id, words) {
  if (byId(id).textContent !== words) byId(id).textContent = words;
}
