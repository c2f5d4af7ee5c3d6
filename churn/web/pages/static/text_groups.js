// Groups the texts of a list's column that mean the same: a field's texts as the form reads them, other texts without
// the spaces around them.

import { findOption } from "./options.js";
import { spellClean, strip } from "./spelling.js";
import { cut } from "./words.js";

const BLANK = "(blank)";

/**
 * The groups of a column's texts, in the order of their labels: `groups` are { label, texts }, `groupOf` has the
 * group's number for each text's code.
 */
export function groupTexts({ texts, field }, form) {
  const control = form.controls.get(field);
  const keyOf = control ? (text) => findOption(control, text) ?? spellClean(text) : strip;
  const groups = new Map();
  const keys = texts.map((text) => {
    const key = keyOf(text);
    if (!groups.has(key)) groups.set(key, { label: cut(control ? form.word(field, key) : key) || BLANK, texts: [] });
    groups.get(key).texts.push(text);
    return key;
  });
  const ordered = [...groups].sort(([, one], [, other]) => one.label.localeCompare(other.label, "en", { numeric: true }));
  const numbers = new Map(ordered.map(([key], number) => [key, number]));
  return { groups: ordered.map(([, group]) => group), groupOf: Uint32Array.from(keys, (key) => numbers.get(key)) };
}
