// What was detected of a file's form, in the words of churn/tables/detection.py. A test holds it to Python.

const DELIMITERS = { ",": "commas", ";": "semicolons", "\t": "tabs" };
const MARKS = { comma: ", decimal commas", point: ", decimal points" };

/** The form of a CSV; `decimalMark` is as X-Decimal-Mark has it, null before the service has read any of it. */
export function describeCsv({ encoding, delimiter, decimalMark, row, titleRows }) {
  const separated = DELIMITERS[delimiter] ?? `'${delimiter}'`;
  const marks = delimiter === "," && decimalMark === "point" ? "" : (MARKS[decimalMark] ?? "");
  return `CSV in ${encoding}, separated by ${separated}${marks}, header in row ${row}${titleRows ? " below a title" : ""}`;
}
