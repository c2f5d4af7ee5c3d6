// Finds the uses of a list's columns: those that identify customers, those with few values, those of numbers.

import { isBlank, strip } from "./spelling.js";

const MOST_IDENTIFYING = 3;
const MOST_CATEGORIES = 50;
const NEARLY_ALL = 0.9;
const SURE_NAMES = new Set(["id", "name", "customer", "email", "e mail", "mail", "first name", "last name", "surname", "full name"]);
const LIKELY_WORDS = new Set(["id", "name", "customer", "client", "account", "email", "user", "company"]);

/** The words of a column's name in lower case: "customer" and "id" for "customerID". */
const splitName = (name) =>
  strip(name)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/**
 * The numbers of the user's own columns that identify customers, at most three, in the file's order; if there are
 * none, the first own column's.
 */
export function findIdentifying(view) {
  const { columns } = view.customers;
  const own = [...columns.keys()].filter((place) => columns[place].field === null);
  const [sure, likely] = [own.filter((place) => isNamed(columns[place])), own.filter((place) => isDifferent(view, place))];
  const found = [...new Set([...sure, ...likely])].slice(0, MOST_IDENTIFYING);
  return (found.length ? found : own.slice(0, 1)).sort((one, other) => one - other);
}

/** The kind of filter for a column: "category", "number", or null for texts that are nearly all different. */
export function kindOf(view, place, form) {
  const column = view.customers.columns[place];
  if (column.field && form.categories(column.field)) return "category";
  if (!column.field && isDifferent(view, place)) return null;
  if (!column.field && !isNamed(column) && countTexts(column) <= MOST_CATEGORIES) return "category";
  return view.numbersOf(place) ? "number" : null;
}

/** The number of different texts in a column, without blanks. */
const countTexts = ({ texts }) => texts.filter((text) => !isBlank(text)).length;

/** True if a column's name says that it identifies customers and its texts do not contradict that. */
function isNamed(column) {
  const words = splitName(column.name);
  if (SURE_NAMES.has(words.join(" "))) return true;
  const isLikely = words.some((word) => LIKELY_WORDS.has(word)) || /^(customer|client|account|user)/.test(words[0] ?? "");
  return isLikely && countTexts(column) >= column.codes.length / 2;
}

/** True if nearly all filled cells of a column are different and they are not amounts. */
function isDifferent(view, place) {
  const column = view.customers.columns[place];
  const blank = new Set([...column.texts.keys()].filter((code) => isBlank(column.texts[code])));
  const filled = blank.size ? column.codes.reduce((sum, code) => sum + (blank.has(code) ? 0 : 1), 0) : column.codes.length;
  if (!filled || countTexts(column) < NEARLY_ALL * filled) return false;
  return !column.texts.some((text) => /\d[.,]\d/.test(text)) || view.numbersOf(place) === null;
}
