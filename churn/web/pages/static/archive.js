// Reads the parts of a workbook's file, a zip archive: finds them by the directory at its end, and inflates them in
// bounded memory. The limits are those of churn/workbooks/parts.py.

import { crc32 } from "./crc32.js";
import { damaged, refused, tooLarge } from "./damage.js";
import { readSlice } from "./source.js";

const MOST_PARTS = 10_000;
const MOST_DIRECTORY_BYTES = 2 * 1024 * 1024;
const MOST_PART_BYTES = 2 ** 31 - 1;
const MOST_RATIO = 200; // inflated bytes for each byte in the file, after the first 64 MiB; a zip bomb has 1,000
const ALWAYS_INFLATED_BYTES = 64 * 1024 * 1024;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const LISTED_BYTES = 46;
const FILE_BYTES = 30;
const LONGEST_COMMENT = 2 ** 16;
const [END, ZIP64_LOCATOR, LISTED, FILE] = [0x06054b50, 0x07064b50, 0x02014b50, 0x04034b50];
const UNREADABLE = "its archive can\u2019t be read";

/**
 * The parts of an archive by name, in lower case and without a leading slash. Raises Stop. Inflating a part raises
 * the signal's AbortError, too.
 */
export async function openArchive(file, signal) {
  const begin = Math.max(0, file.size - END_BYTES - LONGEST_COMMENT - LOCATOR_BYTES);
  const tail = viewOf(await readSlice(file, begin, file.size));
  const end = findEnd(tail);
  if (end < 0) throw damaged("the end of its archive is missing");
  if (end >= LOCATOR_BYTES && tail.getUint32(end - LOCATOR_BYTES, true) === ZIP64_LOCATOR) {
    throw tooLarge("it is a workbook in the form for more than 4 GiB (zip64)");
  }
  const [count, bytes, offset] = [tail.getUint16(end + 10, true), tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (count > MOST_PARTS || bytes > MOST_DIRECTORY_BYTES) throw damaged("its archive lists more than 10,000 parts");
  const before = begin + end - bytes - offset; // the bytes before the archive
  if (before < 0) throw damaged(UNREADABLE);
  return readDirectory(file, await readSlice(file, before + offset, before + offset + bytes), { before, signal });
}

function findEnd(tail) {
  let at = tail.byteLength - END_BYTES;
  if (at >= 0 && tail.getUint32(at, true) === END && tail.getUint16(at + 20, true) === 0) return at;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  return at;
}

function readDirectory(file, directory, { before, signal }) {
  const [view, parts] = [viewOf(directory), new Map()];
  for (let at = 0; at < directory.length; ) {
    if (at + LISTED_BYTES > directory.length || view.getUint32(at, true) !== LISTED) throw damaged(UNREADABLE);
    const nameBytes = directory.subarray(at + LISTED_BYTES, at + LISTED_BYTES + view.getUint16(at + 28, true));
    const name = new TextDecoder().decode(nameBytes).replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
    if (parts.has(name)) throw damaged("two of its parts have the same name");
    parts.set(name, new Part(file, view, at, { nameBytes, before, signal }));
    at += LISTED_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return parts;
}

/** A part of an archive. */
class Part {
  #file;
  #signal;
  #nameBytes;
  #flags;
  #method;
  #checksum;
  #storedBytes;
  #offset;

  constructor(file, view, at, { nameBytes, before, signal }) {
    [this.#file, this.#signal] = [file, signal];
    this.#nameBytes = nameBytes;
    [this.#flags, this.#method, this.#checksum] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
    [this.#storedBytes, this.bytes] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    this.#offset = before + view.getUint32(at + 42, true);
  }

  /**
   * The part's bytes in pieces. They are counted as they come, since the size in the archive may be false. Raises
   * Stop.
   */
  async *inflate(mostBytes = MOST_PART_BYTES) {
    if (this.#flags & 1) throw refused("it has a password; save it without one as .xlsx or CSV UTF-8");
    if (![0, 8].includes(this.#method)) throw damaged("its parts are compressed in a way that workbooks are not");
    const most = Math.min(mostBytes, Math.max(ALWAYS_INFLATED_BYTES, MOST_RATIO * Math.min(this.#storedBytes, this.#file.size)));
    const begin = await this.#findBegin();
    const stored = this.#file.slice(begin, begin + this.#storedBytes).stream();
    const reader = (this.#method ? stored.pipeThrough(new DecompressionStream("deflate-raw")) : stored).getReader();
    let [inflated, sum] = [0, 0];
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        const piece = await readChunk(reader);
        if (!piece) break;
        inflated += piece.length;
        if (inflated > most) throw tooLarge(`a part of the workbook has more than ${most.toLocaleString("en")} bytes`);
        sum = crc32(piece, sum);
        yield piece;
      }
    } finally {
      reader.cancel().catch(() => {}); // a broken stream rejects
    }
    if (sum !== this.#checksum || inflated !== this.bytes) throw damaged("its archive can\u2019t be unpacked");
  }

  async #findBegin() {
    const head = await readSlice(this.#file, this.#offset, this.#offset + FILE_BYTES + this.#nameBytes.length);
    const view = viewOf(head);
    const isWhole = head.length === FILE_BYTES + this.#nameBytes.length && view.getUint32(0, true) === FILE;
    if (!isWhole || this.#nameBytes.some((byte, at) => head[FILE_BYTES + at] !== byte)) throw damaged("its archive can\u2019t be unpacked");
    return this.#offset + FILE_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  }
}

async function readChunk(reader) {
  try {
    const { value, done } = await reader.read();
    return done ? null : value;
  } catch {
    throw damaged("its archive can\u2019t be unpacked");
  }
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
