// Words the reasons for a customer's risk: the risk, and what it would be without each of them.

import { eventWords } from "./words.js";

const MOST_DECIMALS = 4;

/**
 * The risk, 0 to 1, if a reason's field were that of the average customer. `probability` is 0 to 1, `contribution` is
 * in log-odds.
 */
export function riskWithout(probability, contribution) {
  const logOdds = Math.log(probability) - Math.log1p(-probability) - contribution;
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
}

/** A reason in words: "Contract: Month-to-month, together with Months with us". */
export function nameReason(reason, form) {
  const { field, value, words } = reason;
  return words ?? `${form.label(field)}: ${form.word(field, value)}${form.wordPartners(reason)}`;
}

/**
 * A reason with its effect: "Contract: Month-to-month (risk 26.4 % instead of 17.0 %)". A reason read back from a
 * file keeps the file's words.
 */
export function wordReason(reason, probability, form) {
  return reason.words ?? `${nameReason(reason, form)} (${wordEffect(reason, probability)})`;
}

function wordEffect({ contribution }, probability) {
  const [now, without] = spellApart(probability, riskWithout(probability, contribution));
  const risk = `${eventWords().risk} ${now}\u00a0%`;
  return now === without ? `${risk} either way` : `${risk} instead of ${without}\u00a0%`;
}

/** Two probabilities in percent, with as many decimals as make them differ; with one decimal if four do not. */
function spellApart(one, other) {
  for (let decimals = 1; ; decimals++) {
    const spelled = [one, other].map((probability) => (100 * probability).toFixed(decimals));
    if (spelled[0] !== spelled[1] || decimals === MOST_DECIMALS) return spelled[0] === spelled[1] ? [one, other].map((p) => (100 * p).toFixed(1)) : spelled;
  }
}
