// What the columns of a list are for a person: those that tell customers apart, those of few values, those of numbers.

import { isBlank, strip } from "./spelling.js";

const MOST_IDENTIFYING = 3;
const MOST_CATEGORIES = 50;
const NEARLY_ALL = 0.9;
const SURE_NAMES = new Set(["id", "name", "customer", "email", "e mail", "mail", "first name", "last name", "surname", "full name"]);
const LIKELY_WORDS = new Set(["id", "name", "customer", "client", "account", "email", "user", "company"]);

/** A column's name in small words: "customerID" is "customer id". */
const splitName = (name) =>
  strip(name)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** The numbers of the user's own columns that tell customers apart, in the file's order, at most three; else the first own one. */
export function findIdentifying(view) {
  const { columns } = view.customers;
  const own = [...columns.keys()].filter((place) => columns[place].field === null);
  const [sure, likely] = [own.filter((place) => isNamed(columns[place])), own.filter((place) => isDifferent(view, place))];
  const found = [...new Set([...sure, ...likely])].slice(0, MOST_IDENTIFYING);
  return (found.length ? found : own.slice(0, 1)).sort((one, other) => one - other);
}

/** What a column can be filtered by: "category", "number", or null for texts that are nearly all different. */
export function kindOf(view, place, form) {
  const column = view.customers.columns[place];
  if (column.field && form.categories(column.field)) return "category";
  if (!column.field && isDifferent(view, place)) return null;
  if (!column.field && !isNamed(column) && countTexts(column) <= MOST_CATEGORIES) return "category";
  return view.numbersOf(place) ? "number" : null;
}

/** How many different texts a column has, blanks apart. */
const countTexts = ({ texts }) => texts.filter((text) => !isBlank(text)).length;

/** Whether a column's name says that it tells customers apart, and its texts do not say otherwise. */
function isNamed(column) {
  const words = splitName(column.name);
  if (SURE_NAMES.has(words.join(" "))) return true;
  const isLikely = words.some((word) => LIKELY_WORDS.has(word)) || /^(customer|client|account|user)/.test(words[0] ?? "");
  return isLikely && countTexts(column) >= column.codes.length / 2;
}

/** Whether nearly all of its filled cells are different, and they are no amounts. */
function isDifferent(view, place) {
  const column = view.customers.columns[place];
  const blank = new Set([...column.texts.keys()].filter((code) => isBlank(column.texts[code])));
  const filled = blank.size ? column.codes.reduce((sum, code) => sum + (blank.has(code) ? 0 : 1), 0) : column.codes.length;
  if (!filled || countTexts(column) < NEARLY_ALL * filled) return false;
  return !column.texts.some((text) => /\d[.,]\d/.test(text)) || view.numbersOf(place) === null;
}
