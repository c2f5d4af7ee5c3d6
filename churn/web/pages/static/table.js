// Opens a file as a table, by what it is. Owns which kinds are read; what they are called is kind.js's.

import { openCsv } from "./csv_table.js";
import { LOOKED_AT_BYTES, describeKind, findKind } from "./kind.js";
import { Source, readSlice } from "./source.js";
import { Stop } from "./stop.js";

const TEXTS = ["text", "utf-16"];

/** The table in a file. Raises Stop, or the signal's AbortError. */
export async function openTable(file, { fieldNames, signal }) {
  const head = await readSlice(file, 0, LOOKED_AT_BYTES);
  const tail = await readSlice(file, Math.max(0, file.size - LOOKED_AT_BYTES), file.size);
  let kind = findKind(head, tail);
  const isCompressed = kind === "gzip";
  if (isCompressed) kind = await findKindWithin(file);
  if (!TEXTS.includes(kind)) throw new Stop(describeKind(kind));
  return openCsv(file, { isCompressed, fieldNames, signal });
}

/** What a gzip file holds. */
async function findKindWithin(file) {
  const source = new Source(file, { isCompressed: true });
  try {
    const { bytes } = await source.peek(LOOKED_AT_BYTES);
    return findKind(bytes, new Uint8Array());
  } finally {
    source.close();
  }
}
