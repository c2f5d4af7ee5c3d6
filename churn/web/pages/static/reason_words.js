// The reasons for a customer's risk in a person's words: what the risk is, and what it would be without each of them.

import { eventWords } from "./words.js";

const MOST_DECIMALS = 4;

/** The risk with a reason's field as the average customer has it: 0 to 1, like `probability`; `contribution` is in log-odds. */
export function riskWithout(probability, contribution) {
  const logOdds = Math.log(probability) - Math.log1p(-probability) - contribution;
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
}

/** What a reason is: "Contract: Month-to-month, together with Months with us". */
export function nameReason(reason, form) {
  const { field, value, words } = reason;
  return words ?? `${form.label(field)}: ${form.word(field, value)}${form.wordPartners(reason)}`;
}

/** A reason with what it does: "Contract: Month-to-month (risk 26.4 % instead of 17.0 %)". One of an answered file is as it stands there. */
export function wordReason(reason, probability, form) {
  return reason.words ?? `${nameReason(reason, form)} (${wordEffect(reason, probability)})`;
}

function wordEffect({ contribution }, probability) {
  const [now, without] = spellApart(probability, riskWithout(probability, contribution));
  const risk = `${eventWords().risk} ${now}\u00a0%`;
  return now === without ? `${risk} either way` : `${risk} instead of ${without}\u00a0%`;
}

/** Two probabilities in percent, with as many decimals as tell them apart. */
function spellApart(one, other) {
  for (let decimals = 1; ; decimals++) {
    const spelled = [one, other].map((probability) => (100 * probability).toFixed(decimals));
    if (spelled[0] !== spelled[1] || decimals === MOST_DECIMALS) return spelled[0] === spelled[1] ? [one, other].map((p) => (100 * p).toFixed(1)) : spelled;
  }
}
