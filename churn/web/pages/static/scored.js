// The scored file: the file's own rows, in the file's own form, with the cells of what the service answers to each.

import { writeRecord } from "./csv.js";

const BYTE_ORDER_MARK = "\ufeff";

export class ScoredFile {
  /** What in a row is the file, as Blobs. */
  parts = [];
  #header;
  #replaced;

  /** `header` is as readHeader gives it; `columns` are those that the answer adds and replaces. */
  constructor(header, columns) {
    this.#header = header;
    this.#replaced = columns.replaced;
    this.#write([this.#putIn(header.names, columns.names)], header.hasMark ? BYTE_ORDER_MARK : "");
  }

  /** Takes rows in, and for each of them the cells of its answer. */
  add(records, answers) {
    this.#write(records.map((cells, index) => this.#putIn(cells, answers[index])));
  }

  /** A row without an earlier answer's cells and with this one's behind; those past the header's come last. */
  #putIn(cells, answer) {
    const width = this.#header.names.length;
    const [first, end] = this.#replaced;
    const padding = Array(Math.max(width - cells.length, 0)).fill("");
    const padded = [...cells, ...padding];
    return [...padded.slice(0, first), ...padded.slice(end, width), ...answer, ...padded.slice(width)];
  }

  #write(rows, mark = "") {
    const { delimiter, lineEnd } = this.#header;
    this.parts.push(new Blob([mark + rows.map((cells) => writeRecord(cells, delimiter) + lineEnd).join("")]));
  }
}
