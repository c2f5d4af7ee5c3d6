// What was detected of a file's form, in the words of churn/tables/detection.py, and its decimal mark by the rule of
// churn/tables/decimals.py. A test holds both to Python.

import { isBlank, strip } from "./spelling.js";

const DELIMITERS = { ",": "commas", ";": "semicolons", "\t": "tabs" };
const MARKS = { ",": ", decimal commas", ".": ", decimal points", "": "" };
const MARKED = /^[+-]?[0-9]*([.,])[0-9]+$/;
const THOUSANDS = /^[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+$/;

/** The form of a CSV. */
export function describeCsv({ encoding, delimiter, decimalMark, row, titleRows }) {
  const separated = DELIMITERS[delimiter] ?? `'${delimiter}'`;
  const marks = delimiter === "," && decimalMark === "." ? "" : MARKS[decimalMark];
  return `CSV in ${encoding}, separated by ${separated}${marks}, header in row ${row}${titleRows ? " below a title" : ""}`;
}

/** The mark that most of the numbers in these cells have, "" where none says which it is. */
export function findDecimalMark(cells) {
  const marks = { ",": 0, ".": 0 };
  for (const cell of cells) {
    const number = isBlank(cell) ? "" : strip(cell);
    const [, mark] = MARKED.exec(number) ?? [];
    if (mark && !THOUSANDS.test(number)) marks[mark]++;
  }
  if (!marks[","] && !marks["."]) return "";
  return marks["."] > marks[","] ? "." : ",";
}
