// What a campaign earns on a list's customers: follows the form and the list, and shows what it comes to. Joins its parts.

import { CallList } from "./call_list.js";
import { CampaignForm } from "./campaign_form.js";
import { byId, makeFact } from "./elements.js";
import { chooseCalls, expectGain, findGains } from "./gain.js";
import { GainCurve } from "./gain_curve.js";
import { showCurve, spellPercent } from "./gain_picture.js";
import { count, eventWords, inPercent, percent, spellMoney } from "./words.js";

const PAUSE_MS = 800; // between the last change and its announcement

let ends = new AbortController(); // of what is shown

/** Shows the campaign on a view's customers. `form` is the what-if form, `name` what the call list is called as a file. */
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

function listen(shown, view, signal) {
  const form = byId("campaign-form");
  const update = () => shown.update();
  for (const [id, radio] of [["campaign-risk", "campaign-from"], ["campaign-calls", "campaign-by-calls"], ["campaign-budget", "campaign-by-budget"]]) {
    byId(id).addEventListener("input", () => (byId(radio).checked = true), { signal });
  }
  byId("campaign-slider").addEventListener("input", ({ target }) => shown.chooseRisk(Number(target.value)), { signal });
  byId("campaign-use-best").addEventListener("click", () => shown.chooseBest(), { signal });
  for (const kind of ["input", "change"]) form.addEventListener(kind, update, { signal });
  form.addEventListener("submit", (event) => event.preventDefault(), { signal });
  view.addEventListener("change", () => shown.follow(), { signal });
}

class ShownCampaign {
  #view;
  #fields;
  #list;
  #figures = null;
  #gains = null;
  #variances = null;
  #curve = null;
  #curveOf = []; // what the curve was made of
  #timer = 0;

  constructor(view, { fields, list, signal }) {
    [this.#view, this.#fields, this.#list] = [view, fields, list];
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  chooseRisk(percent) {
    this.#fields.chooseRisk(percent);
  }

  chooseBest() {
    this.#fields.chooseRisk(this.#curve.best.percent);
    this.update();
  }

  /** Shows what came of other customers in the list. */
  follow() {
    if (this.#curveOf[0] !== this.#view.matching) this.update();
  }

  update() {
    const { figures, missing } = this.#fields.readFigures();
    const never = figures && wordNever(figures);
    setText("campaign-never", never ?? "");
    byId("campaign-never").hidden = !never;
    this.#take(never ? null : figures);
    byId("campaign-choice").hidden = this.#figures === null;
    const choice = this.#figures && this.#fields.readChoice(this.#figures.terms);
    const unfilled = [...missing, ...(choice?.missing ?? [])];
    setText("campaign-advice", unfilled.length ? `To be filled in: ${unfilled.join(", ")}.` : this.#wordBreakEven());
    if (choice && !Number.isNaN(choice.most)) this.#showCurve(choice);
    const isKnown = choice !== null && !Number.isNaN(choice.most) && (choice.way === "paying" || !Number.isNaN(choice.threshold));
    byId("campaign-outcome").hidden = !isKnown;
    this.#announce(isKnown ? this.#showOutcome(choice) : (never ?? byId("campaign-advice").textContent));
  }

  /** Takes other figures, null where there are none, and lets the list know each customer's gain. */
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
    const { matching, customers } = this.#view;
    const madeOf = [matching, this.#gains, most];
    if (madeOf.some((part, number) => part !== this.#curveOf[number])) {
      this.#curve = new GainCurve(matching, { probabilities: customers.probabilities, gains: this.#gains, most });
      this.#curveOf = madeOf;
    }
    const isChosen = way === "risk" && !Number.isNaN(threshold);
    if (isChosen) byId("campaign-slider").value = threshold * 100;
    showCurve(this.#curve, { own: Number(byId("campaign").dataset.threshold), chosen: isChosen ? threshold : null });
    const { best } = this.#curve;
    byId("campaign-use-best").hidden = best === null;
    byId("campaign-use-best").textContent = best ? `Use the best: ${spellPercent(best.percent)}` : "";
  }

  /** Shows whom to call and what that brings. Returns it in words. */
  #showOutcome({ way, threshold, most }) {
    const { matching, customers } = this.#view;
    const { probabilities } = customers;
    const isWanted = way === "risk" ? (customer) => probabilities[customer] >= threshold : undefined;
    const called = chooseCalls(matching, this.#gains, { isWanted, most });
    const expected = expectGain(called, this.#gains, this.#variances);
    byId("campaign-facts").replaceChildren(...this.#listFacts(called, expected));
    this.#list.show(called, this.#gains);
    const band = `${spellMoney(expected.low)} to ${spellMoney(expected.high)}`;
    return called.length ? `${count(called.length, "call")}, expected gain ${spellMoney(expected.gain)}, ${band} in 95\u00a0% of cases.` : "A call pays for nobody.";
  }

  #listFacts(called, { gain, low, high }) {
    const { terms, values } = this.#figures;
    const { matching, customers } = this.#view;
    const sumRisks = (some) => some.reduce((sum, customer) => sum + customers.probabilities[customer], 0);
    const each = `${spellMoney(terms.contact)} + ${spellMoney(terms.offer)}`;
    const band = "outcomes are independent, with the given probabilities. If the model is wrong, this band does not show it.";
    const facts = [
      ["Calls", count(called.length, "customer"), called.length ? `of ${count(matching.length, "customer")}` : "A call pays for none of these customers."],
      ["They cost at most", spellMoney(called.length * terms.cost), `${count(called.length, "call")}, each ${each}`],
      ["Expected gain", spellMoney(gain), `${spellMoney(low)} to ${spellMoney(high)} in 95\u00a0% of cases, where ${band}`],
      [`Expected to ${eventWords().verb}`, sumOne(sumRisks(called)), `among them, of ${sumOne(sumRisks(matching))} among all ${count(matching.length, "customer")}`],
      ["Best threshold", ...wordBest(this.#curve.best)],
    ];
    if (typeof values !== "number" && called.length) facts.push(["Ranked by gain, not by risk", ...this.#compareWithRisk(called.length, gain)]);
    return facts.map((fact) => makeFact(...fact));
  }

  /** What the ranking by gain brings more than as many calls by risk. */
  #compareWithRisk(calls, gain) {
    const { matching, customers } = this.#view;
    const byRisk = chooseCalls(matching.filter((customer) => !Number.isNaN(this.#gains[customer])), customers.probabilities, { isWanted: () => true, most: calls });
    const other = expectGain(byRisk, this.#gains, this.#variances).gain;
    const share = other > 0 ? ` (+${inPercent((gain - other) / other)}\u00a0%)` : "";
    const meaning = `than the ${count(calls, "customer")} of the highest ${eventWords().risk}, which bring ${spellMoney(other)}`;
    return [`${spellMoney(Math.max(gain - other, 0))} more${share}`, meaning];
  }

  #announce(words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setText("campaign-status", words), PAUSE_MS);
  }
}

/** Why a campaign whose customers are all worth the same can't pay; null where it can. */
function wordNever({ terms, values }) {
  if (typeof values !== "number" || terms.moreOfLeaver(values) > terms.cost) return null;
  const brings = spellMoney(terms.moreOfLeaver(values) - terms.offer);
  return `No contact ever pays: a customer who is certain to ${eventWords().verb} brings ${brings} on average, and a contact costs ${spellMoney(terms.contact)}.`;
}

const wordBest = (best) => (best ? [spellPercent(best.percent), `calling everybody from it on earns ${spellMoney(best.gain)}`] : ["None", "it is best to call nobody"]);

const sumOne = (sum) => sum.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function setText(id, words) {
  if (byId(id).textContent !== words) byId(id).textContent = words;
}
