// Opens a file as a table, by its kind. Decides which kinds are read; kind.js has their names.

import { openArchive } from "./archive.js";
import { openCsv } from "./csv_table.js";
import { LOOKED_AT_BYTES, describeKind, findKind } from "./kind.js";
import { Source, readSlice } from "./source.js";
import { Stop } from "./stop.js";
import { openWorkbook } from "./workbook_table.js";

const TEXTS = ["text", "utf-16"];

/**
 * The table in a file. `chooseSheet` gets the names of several sheets and returns the number of one. Raises Stop, or
 * the signal's AbortError.
 */
export async function openTable(file, { fieldNames, chooseSheet, signal }) {
  const head = await readSlice(file, 0, LOOKED_AT_BYTES);
  const tail = await readSlice(file, Math.max(0, file.size - LOOKED_AT_BYTES), file.size);
  let kind = findKind(head, tail);
  if (kind === "xlsx" || (kind === "zip" && (await hasWorkbook(file)))) {
    return openWorkbook(file, { fieldNames, chooseSheet, signal });
  }
  const isCompressed = kind === "gzip";
  if (isCompressed) kind = await findKindWithin(file);
  if (!TEXTS.includes(kind)) throw new Stop(describeKind(kind));
  return openCsv(file, { isCompressed, fieldNames, signal });
}

/** True if a zip archive with a long directory is a workbook. */
async function hasWorkbook(file) {
  try {
    return (await openArchive(file)).has("xl/workbook.xml");
  } catch (error) {
    if (error instanceof Stop) return false; // the directory is damaged, so it is treated as any archive
    throw error;
  }
}

/** The kind of the file inside of a gzip file. */
async function findKindWithin(file) {
  const source = new Source(file, { isCompressed: true });
  try {
    const { bytes } = await source.peek(LOOKED_AT_BYTES);
    return findKind(bytes, new Uint8Array());
  } finally {
    source.close();
  }
}
