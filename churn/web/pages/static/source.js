// The bytes of a file in pieces, unpacked and converted to UTF-8 if required. Only the present piece is in memory.

import { EncodingFinder, Utf8Maker, concatBytes } from "./encoding.js";
import { describeKind } from "./kind.js";
import { Stop } from "./stop.js";

const PIECE_BYTES = 1024 * 1024;
const GONE = "The file can\u2019t be read any more. Has it been changed or moved? Choose it again.";

export class Source {
  #file;
  #reader;
  #maker;
  #chunks = [];
  #waitingBytes = 0;
  #fileBytes = 0;
  #readBytes = 0;
  #isOver = false;

  /** `isCompressed` unpacks a gzip file; `codec`, as EncodingFinder gives it, makes UTF-8 of a text. */
  constructor(file, { isCompressed = false, codec = "utf-8" } = {}) {
    this.#file = file;
    const count = new TransformStream({
      transform: (chunk, controller) => {
        this.#fileBytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const counted = file.stream().pipeThrough(count);
    this.#reader = (isCompressed ? counted.pipeThrough(new DecompressionStream("gzip")) : counted).getReader();
    this.#maker = new Utf8Maker(codec);
  }

  /** The next `length` bytes, or all that are left; `last` is true if no more follow. Raises Stop. */
  async peek(length) {
    while (this.#waitingBytes <= length && !this.#isOver) this.#keep(await this.#read());
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : concatBytes(this.#chunks);
    this.#chunks = [bytes];
    return { bytes: bytes.subarray(0, length), last: this.#isOver && bytes.length <= length };
  }

  /** Moves past `length` bytes, which must have been peeked at. */
  skip(length) {
    this.#chunks = [this.#chunks[0].subarray(length)];
    this.#waitingBytes -= length;
  }

  /** The share of the file that is done, 0 to 1. */
  get share() {
    const read = this.#file.size ? this.#fileBytes / this.#file.size : 1;
    return read * (this.#readBytes ? 1 - this.#waitingBytes / this.#readBytes : 1);
  }

  /** Stops reading the file. */
  close() {
    this.#reader.cancel().catch(() => {}); // a broken stream rejects
  }

  #keep(chunk) {
    const bytes = this.#maker.make(chunk);
    this.#isOver = chunk === null;
    this.#chunks.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#readBytes += bytes.length;
  }

  async #read() {
    try {
      const { value, done } = await this.#reader.read();
      return done ? null : value;
    } catch (error) {
      throw new Stop(error instanceof TypeError ? describeKind("damaged-gzip") : GONE);
    }
  }
}

/** The encoding of a text file, which is read in full. Raises Stop, or the signal's AbortError. */
export async function findEncoding(file, { isCompressed, signal }) {
  const source = new Source(file, { isCompressed });
  const finder = new EncodingFinder();
  try {
    for (let last = false; !last; ) {
      signal.throwIfAborted();
      const piece = await source.peek(PIECE_BYTES);
      finder.add(piece.bytes);
      source.skip(piece.bytes.length);
      last = piece.last;
    }
  } finally {
    source.close();
  }
  return finder.finish();
}

/** The bytes of a file from `begin` to `end`. Raises Stop. */
export async function readSlice(file, begin, end) {
  try {
    return new Uint8Array(await file.slice(begin, end).arrayBuffer());
  } catch {
    throw new Stop(GONE);
  }
}
