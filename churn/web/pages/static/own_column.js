// The column that is shown next to a row's number: the first that is the user's own.

import { spellClean, strip } from "./spelling.js";

/**
 * The number, from 0, and the name of the first column that is neither a field of the model nor replaced; null
 * without one.
 */
export function findOwnColumn(names, { replaced: [first, end] }, fieldNames) {
  const isOwn = (name, number) => !(number >= first && number < end) && !fieldNames.has(spellClean(name));
  const number = names.findIndex(isOwn);
  return number < 0 ? null : { number, name: strip(names[number]) || `Column ${number + 1}` };
}
