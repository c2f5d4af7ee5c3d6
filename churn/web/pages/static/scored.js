// The scored file: the file's own rows in its own form, each with the cells of the service's answer.

import { writeRecord } from "./csv.js";

export class ScoredFile {
  /** The Blobs that make up the file, in order. */
  parts = [];
  #header;
  #replaced;

  /**
   * `header` is that of findHeader, with the file's `lineEnd`; `columns` has the `names` that the answer adds and the
   * range `replaced`.
   */
  constructor(header, columns) {
    this.#header = header;
    this.#replaced = columns.replaced;
    this.#write([putIn(header.cells, columns.names, this.#place)], header.preamble);
  }

  /** Adds the rows of a piece, each with a member of the service's answer. */
  add({ records }, members) {
    this.#write(records.map((cells, index) => putIn(cells, members[index].cells, this.#place)));
  }

  /** The finished file's parts. */
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

/**
 * A row without an earlier answer's cells, with the new ones after the header's columns. Cells beyond the header come
 * last.
 */
export function putIn(cells, answer, { width, replaced: [first, end] }, blank = "") {
  const padded = [...cells, ...Array(Math.max(width - cells.length, 0)).fill(blank)];
  return [...padded.slice(0, first), ...padded.slice(end, width), ...answer, ...padded.slice(width)];
}
