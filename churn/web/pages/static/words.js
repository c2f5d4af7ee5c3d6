// Words numbers and refusals for a person.

const PERCENT = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const CENTS = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const LONGEST_CELL = 200; // characters of a cell that are shown
const COUNT = new Intl.NumberFormat("en");

/** A probability, 0 to 1, in percent: "58.3". */
export const inPercent = (probability) => PERCENT.format(probability * 100);

/** The same with its sign, which stays on the same line: "58.3 %". */
export const percent = (share) => `${inPercent(share)}\u00a0%`;

/** A count without a noun: "7,043". Every count on the page is spelled so. */
export const spellCount = (number) => COUNT.format(number);

/** "1 row", "7,043 rows". */
export const count = (number, noun) => `${spellCount(number)} ${noun}${number === 1 ? "" : "s"}`;

export const withSign = (number) => (number < 0 ? "\u2212" : "+") + Math.abs(number).toFixed(2);

/**
 * An amount of money: "7,043" without cents for whole amounts and from a thousand on, "12.50", and two digits,
 * "0.012", below 0.1.
 */
export function spellMoney(amount) {
  const size = Math.abs(amount);
  const decimals = size >= 999.5 || Number.isInteger(amount) ? 0 : 2;
  const fine = size > 0 && size < 0.1 ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return (amount < 0 ? "\u2212" : "") + size.toLocaleString("en", fine);
}

/** An amount with cents, for a column of amounts; "" for NaN. */
export const spellCents = (amount) => (Number.isNaN(amount) ? "" : (amount < 0 ? "\u2212" : "") + CENTS.format(Math.abs(amount)));

/** The words for what customers do, such as leave, from the page. churn/model/event.py has them. */
export const eventWords = () => JSON.parse(document.getElementById("main").dataset.words);

/** The beginning of a text: a file's cell may be very long. */
export const cut = (text, most = LONGEST_CELL) => (text.length > most ? `${text.slice(0, most)}\u2026` : text);

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The problem document of a refused request; without one, its status in words. */
export async function readRefusal(response) {
  const known = { status: response.status, detail: `the service answered ${response.status}`, problems: [] };
  try {
    return { ...known, ...(await response.json()) };
  } catch {
    return known; // a proxy's own page
  }
}

/** A refusal as a sentence that says what to do. */
export function adviseOn({ status, detail }) {
  const advice = {
    401: "The service no longer accepts this key: forget it, and open the page with another.",
    413: "That is more than the service accepts at once.",
    429: "The service gets too many requests: wait a moment, then try again.",
    503: "The service is busy: wait a moment, then try again.",
  };
  return advice[status] ?? `${sentence(detail)}.`;
}

export const UNREACHABLE = "The service can\u2019t be reached. Check the connection, then try again.";
