// Writes a zip archive: its files one after another, deflated as they come, kept as Blobs.

import { crc32 } from "./crc32.js";
import { Stop } from "./stop.js";

const [FILE, LISTED, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const [FILE_BYTES, LISTED_BYTES, END_BYTES] = [30, 46, 22];
const VERSION = 20;
const DEFLATED = 8;
const FIRST_DAY = 0x21; // 1980-01-01: the same table gives the same bytes
const MOST_BYTES = 2 ** 32 - 2; // the limit of the form that every program reads
const TOO_LARGE = "The scored table is too large for a workbook. Save the file as CSV UTF-8, then try again.";

/** A file that is being written into an archive. */
export class ZipFile {
  #stream = new CompressionStream("deflate-raw");
  #writer = this.#stream.writable.getWriter();
  #stored = new Response(this.#stream.readable).blob();
  #sum = 0;
  #bytes = 0;

  constructor(name) {
    this.name = new TextEncoder().encode(name);
  }

  /** Adds a text. Resolves when the stream takes more. */
  async write(text) {
    const bytes = new TextEncoder().encode(text);
    this.#sum = crc32(bytes, this.#sum);
    this.#bytes += bytes.length;
    await this.#writer.ready;
    this.#writer.write(bytes).catch(() => {}); // close raises the error
  }

  /** The compressed file, with what an archive lists of it: { name, stored, sum, bytes }. */
  async finish() {
    await this.#writer.close();
    const stored = await this.#stored;
    return { name: this.name, stored, sum: this.#sum, bytes: this.#bytes };
  }
}

/** The parts that make up an archive of finished files, in order. Raises Stop if it is too large. */
export function listFiles(files) {
  const [parts, listed] = [[], []];
  let at = 0;
  for (const file of files) {
    const head = describeFile(FILE, FILE_BYTES, file);
    listed.push(describeFile(LISTED, LISTED_BYTES, file, at), file.name);
    parts.push(head, file.name, file.stored);
    at += head.byteLength + file.name.length + file.stored.size;
    if (at > MOST_BYTES || file.bytes > MOST_BYTES) throw new Stop(TOO_LARGE);
  }
  const end = new DataView(new ArrayBuffer(END_BYTES));
  const listedBytes = listed.reduce((sum, part) => sum + part.byteLength, 0);
  end.setUint32(0, END, true);
  for (const place of [8, 10]) end.setUint16(place, files.length, true);
  end.setUint32(12, listedBytes, true);
  end.setUint32(16, at, true);
  return [...parts, ...listed, end];
}

/** The record of a file: the one before its bytes, or with its offset `at` the one in the directory. */
function describeFile(mark, length, { name, stored, sum, bytes }, at) {
  const record = new DataView(new ArrayBuffer(length));
  record.setUint32(0, mark, true);
  let place = 4;
  if (at !== undefined) {
    record.setUint16(4, VERSION, true);
    record.setUint32(42, at, true);
    place = 6;
  }
  for (const value of [VERSION, 0, DEFLATED, 0, FIRST_DAY]) {
    record.setUint16(place, value, true);
    place += 2;
  }
  for (const value of [sum, stored.size, bytes]) {
    record.setUint32(place, value, true);
    place += 4;
  }
  record.setUint16(place, name.length, true);
  return record;
}
