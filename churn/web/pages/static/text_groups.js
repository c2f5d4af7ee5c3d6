// The texts of a column of a list that mean the same: those of a field as the form reads them, one's own without spaces around.

import { findOption } from "./options.js";
import { spellClean, strip } from "./spelling.js";
import { cut } from "./words.js";

const BLANK = "(blank)";

/** The different meanings of a column's texts, `groups` of { label, texts } in the order of their labels, and by a text's code its group. */
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
