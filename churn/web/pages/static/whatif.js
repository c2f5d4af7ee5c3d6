// The what-if: asks the service again after every change of the form, and shows only the newest answer.

import { drawReasons } from "./chart.js";
import { markCurves } from "./curve.js";
import { CustomerForm } from "./customer.js";
import { byId } from "./elements.js";
import { ask } from "./key.js";
import { watchVersion } from "./version.js";
import { Verdict } from "./verdict.js";
import { UNREACHABLE, adviseOn, count, eventWords, readRefusal, spellCount } from "./words.js";

const PAUSE_MS = 150; // between the last key and the request
const BLANK_PAUSE_MS = 1500; // an empty field is about to be typed again

export function startWhatIf() {
  const form = new CustomerForm(byId("customer-form"));
  const verdict = new Verdict(form);
  let newest = new AbortController();
  let timer = 0;
  let reasons = [];
  let all = false;

  function later() {
    newest.abort();
    verdict.wait();
    clearTimeout(timer);
    timer = setTimeout(recompute, form.hasBlank() ? BLANK_PAUSE_MS : PAUSE_MS);
  }

  async function recompute() {
    clearTimeout(timer);
    newest.abort();
    const mine = (newest = new AbortController());
    const customer = form.read();
    const outcome = await explain(customer, mine.signal);
    if (mine.signal.aborted) return;
    form.clear();
    if (outcome.answer) {
      verdict.show(outcome.answer, customer);
      reasons = outcome.answer.reasons;
      byId("why-words").textContent = wordBaseline(outcome.answer);
      showReasons();
      markCurves(reasons, form);
      form.form.dispatchEvent(new CustomEvent("answered", { detail: { answer: outcome.answer, customer } }));
    } else {
      form.show(outcome.problems);
      verdict.fail(outcome.failure, outcome.problems);
      markCurves([], form);
    }
  }

  function showReasons() {
    const some = drawReasons(byId("reasons").tBodies[0], reasons, { form, all });
    byId("all-reasons").hidden = !some;
    byId("all-reasons").textContent = all ? "Show the strongest only" : `Show all ${spellCount(reasons.length)}`;
    byId("all-reasons").setAttribute("aria-expanded", all);
  }

  byId("all-reasons").addEventListener("click", () => {
    all = !all;
    showReasons();
  });
  byId("retry").addEventListener("click", recompute);
  for (const kind of ["input", "change"]) form.form.addEventListener(kind, later);
  form.form.addEventListener("reset", () => {
    verdict.startOver();
    verdict.wait();
    setTimeout(() => {
      form.startOver();
      later();
    }); // the fields get their values back after this event
  });
  form.form.addEventListener("fill", () => {
    verdict.startOver();
    later();
  });
  form.form.addEventListener("submit", (event) => {
    event.preventDefault();
    recompute();
  });
  recompute();
  return form;
}

/** The service's { answer } for a customer, or the { failure } in words with its { problems }. */
async function explain(customer, signal) {
  try {
    const response = await ask("/predict?explain=true", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-What-If": "1" }, // not a real customer, so not counted
      body: JSON.stringify(customer),
      signal,
    });
    watchVersion(response);
    if (response.ok) return { answer: await response.json() };
    const refusal = await readRefusal(response);
    const fields = count(refusal.problem_count ?? refusal.problems.length, "thing");
    const failure = refusal.status === 422 ? `Not scored: ${fields} to put right.` : adviseOn(refusal);
    return { failure, problems: refusal.problems };
  } catch {
    return { failure: UNREACHABLE, problems: [] };
  }
}

function wordBaseline({ explained_against: against, baseline }) {
  if (against === "zero") {
    return `How far each value moves the log-odds from zero: +0.7 doubles ${eventWords().odds}. This model file does not say what an average customer is.`;
  }
  const percent = Math.round(100 / (1 + Math.exp(-baseline)));
  return `What moves this customer away from the average one, whose ${eventWords().risk} is ${percent} %. The weights are in log-odds: +0.7 doubles ${eventWords().odds}.`;
}
