// Words the detected form of a file, as churn/tables/detection.py does; a test compares both.

const DELIMITERS = { ",": "commas", ";": "semicolons", "\t": "tabs" };
const MARKS = { comma: ", decimal commas", point: ", decimal points" };

/** The form of a CSV in words. `decimalMark` is a value of X-Decimal-Mark, null before the service's first answer. */
export function describeCsv({ encoding, delimiter, decimalMark, row, titleRows }) {
  const separated = DELIMITERS[delimiter] ?? `'${delimiter}'`;
  const marks = delimiter === "," && decimalMark === "point" ? "" : (MARKS[decimalMark] ?? "");
  return `CSV in ${encoding}, separated by ${separated}${marks}, header in row ${row}${titleRows ? " below a title" : ""}`;
}
