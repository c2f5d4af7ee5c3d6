// The link to a what-if. Its fields are after the #, a part of the address that browsers do not send. A link that is
// opened is read into the form and removed from the address; the page changes its address in no other way.

import { byId } from "./elements.js";

const BEGIN = "#what-if";
const LONGEST = 8000; // characters; every program passes such a link on
const LONGEST_NUMBER = 400;

export function startLink(form) {
  byId("copy-link").addEventListener("click", () => copy(writeLink(form)));
  for (const kind of ["input", "change", "reset", "fill"]) form.form.addEventListener(kind, clear);
  window.addEventListener("hashchange", () => open(form));
  open(form);
}

/** The link, with all fields: it means the same customer even if another model's form has other start values. */
function writeLink(form) {
  const fields = [...form.controls].map(([name, { value }]) => [name, value]);
  return `${location.origin}${location.pathname}${location.search}${BEGIN}?${new URLSearchParams(fields)}`;
}

async function copy(link) {
  clear();
  if (link.length > LONGEST) {
    byId("link-status").textContent = "This customer has too many fields for a link.";
    return;
  }
  try {
    await navigator.clipboard.writeText(link);
    byId("link-status").textContent = "Copied. The values are in the link itself: anyone who has it can read them, but browsers do not send them anywhere.";
  } catch {
    byId("link").value = link;
    byId("link").hidden = false;
    byId("link").select();
    byId("link-status").textContent = "The browser does not let this page copy: copy the link from the field below.";
  }
}

function clear() {
  byId("link-status").textContent = "";
  byId("link-read").textContent = "";
  byId("link").hidden = true;
}

/** Reads a what-if from the address, and removes it there. Other anchors are left alone. */
function open(form) {
  const hash = location.hash;
  if (hash !== BEGIN && !hash.startsWith(`${BEGIN}?`)) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  byId("customer-title").focus();
  const { customer, problem } = readLink(hash.slice(BEGIN.length + 1), form);
  if (customer) form.fillFromStart(customer);
  byId("link-read").textContent = problem
    ? `The link to a what-if can\u2019t be read: ${problem}. Nothing is changed.`
    : `This what-if is from a link. \u2018Start over\u2019 leads back to the ${byId("row").hidden ? "usual start" : "row of the list"}.`;
}

/**
 * The { customer } of a link for the form, or the { problem } with the link. The link's own texts are never shown.
 */
function readLink(query, form) {
  if (query.length > LONGEST) return { problem: "it is too long" };
  if (!isDecodable(query)) return { problem: "it is damaged" };
  const entries = [...new URLSearchParams(query)];
  const customer = Object.fromEntries(entries);
  const names = Object.keys(customer);
  if (!names.length) return { problem: "it has no values" };
  if (names.length < entries.length) return { problem: "it has a field twice" };
  if (!names.every((name) => form.controls.has(name))) return { problem: "it has a field that this model does not have" };
  const wrong = names.find((name) => !isTaken(form, name, customer[name]));
  return wrong ? { problem: `its value of \u2018${form.label(wrong)}\u2019 is not one that this model has` } : { customer };
}

function isTaken(form, name, text) {
  const categories = form.categories(name);
  return categories ? categories.has(text) : text.length <= LONGEST_NUMBER && !/[\0-\x1f\x7f]/.test(text);
}

function isDecodable(query) {
  try {
    return Boolean(decodeURIComponent(query)) || query === "";
  } catch {
    return false;
  }
}
