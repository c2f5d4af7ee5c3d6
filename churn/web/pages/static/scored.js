// The scored file: the file's own rows, in the file's own form, with the cells of what the service answers to each.

import { writeRecord } from "./csv.js";

export class ScoredFile {
  /** What in a row is the file, as Blobs. */
  parts = [];
  #header;
  #replaced;

  /** `header` is as findHeader gives it, with the file's `lineEnd`; `columns` are those that the answer adds and replaces. */
  constructor(header, columns) {
    this.#header = header;
    this.#replaced = columns.replaced;
    this.#write([putIn(header.cells, columns.names, this.#place)], header.preamble);
  }

  /** Takes a piece's rows in, and for each of them a member of the service's answer. */
  add({ records }, members) {
    this.#write(records.map((cells, index) => putIn(cells, members[index].cells, this.#place)));
  }

  /** All is written. */
  async finish() {
    return this.parts;
  }

  get #place() {
    return { width: this.#header.cells.length, replaced: this.#replaced };
  }

  #write(rows, above = "") {
    const { delimiter, lineEnd } = this.#header;
    this.parts.push(new Blob([above + rows.map((cells) => writeRecord(cells, delimiter) + lineEnd).join("")]));
  }
}

/** A row without an earlier answer's cells and with this one's behind; those past the header's come last. */
export function putIn(cells, answer, { width, replaced: [first, end] }, blank = "") {
  const padded = [...cells, ...Array(Math.max(width - cells.length, 0)).fill(blank)];
  return [...padded.slice(0, first), ...padded.slice(end, width), ...answer, ...padded.slice(width)];
}
