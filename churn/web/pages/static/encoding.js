// Finds the encoding of a text file, and converts its text to UTF-8. The rules are those of churn/tables/encoding.py;
// a test compares both.

import { Stop } from "./stop.js";

const NAMES = { "utf-8": "UTF-8", "utf-16le": "UTF-16", "utf-16be": "UTF-16", "windows-1252": "Windows-1252" };
const NOT_IN_1252 = new Uint8Array(256);
for (const byte of [0x00, 0x81, 0x8d, 0x8f, 0x90, 0x9d]) NOT_IN_1252[byte] = 1; // a browser decodes them to control characters
const ADVICE = "save it as \u2018CSV UTF-8\u2019";
const MARK = "\ufeff";

export const nameEncoding = (codec) => NAMES[codec];

/** Finds the encoding of a text that comes in pieces of bytes. The first has at least four bytes, or all of them. */
export class EncodingFinder {
  #marked = null;
  #pieces = new WholeCharacters("utf-8");
  #firstBadLine = 0;
  #fits1252 = true;
  #isFirst = true;
  #utf8 = new Utf8Counter();

  add(piece) {
    if (this.#isFirst) this.#marked = markedCodec(piece);
    this.#isFirst = false;
    if (this.#marked) return;
    this.#check(piece);
    this.#fits1252 &&= piece.every((byte) => !NOT_IN_1252[byte]);
    this.#utf8.add(piece);
  }

  /** The encoding, by the name that TextDecoder has for it. Raises Stop for one that the service does not read. */
  finish() {
    if (this.#marked) return this.#marked;
    this.#check(null);
    if (!this.#firstBadLine) return "utf-8";
    if (this.#utf8.isMost()) throw new Stop(`The CSV, line ${this.#firstBadLine}: it is UTF-8 with damaged bytes in this line; ${ADVICE}.`);
    if (this.#fits1252) return "windows-1252";
    throw new Stop(`The CSV, line ${this.#firstBadLine}: it is neither UTF-8 nor Windows-1252; ${ADVICE}.`);
  }

  #check(piece) {
    if (this.#firstBadLine) return;
    try {
      this.#pieces.decode(piece);
    } catch (error) {
      if (!(error instanceof BadBytes)) throw error;
      this.#firstBadLine = error.line;
    }
  }
}

/** Counts the bytes beyond ASCII: those in valid UTF-8 characters (RFC 3629, section 4), and the others. */
class Utf8Counter {
  #inCharacters = 0;
  #others = 0;
  #taken = 0; // bytes of a character that has begun
  #missing = 0; // bytes that this character still lacks
  #lowest = 0x80; // bounds of the next byte
  #highest = 0xbf;

  add(piece) {
    for (const byte of piece) if (byte >= 0x80 || this.#missing) this.#addByte(byte);
  }

  isMost() {
    return this.#inCharacters > this.#others + this.#taken;
  }

  #addByte(byte) {
    if (this.#missing && byte >= this.#lowest && byte <= this.#highest) {
      [this.#lowest, this.#highest] = [0x80, 0xbf];
      this.#taken++;
      if (--this.#missing === 0) [this.#inCharacters, this.#taken] = [this.#inCharacters + this.#taken, 0];
      return;
    }
    [this.#others, this.#taken, this.#missing] = [this.#others + this.#taken, 0, 0];
    if (byte >= 0xc2 && byte <= 0xf4) this.#begin(byte);
    else if (byte >= 0x80) this.#others++;
  }

  #begin(lead) {
    [this.#taken, this.#missing] = [1, lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3];
    this.#lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    this.#highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  }
}

function markedCodec([first, second, third, fourth]) {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (third === 0 && fourth === 0) return null; // UTF-32
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

/**
 * Converts the pieces of a text to UTF-8. UTF-8 stays as it is. A text in another encoding gets a byte order mark, by
 * which spreadsheets recognize UTF-8.
 */
export class Utf8Maker {
  #codec;
  #pieces;
  #encoder = new TextEncoder();
  #begin;

  constructor(codec) {
    this.#codec = codec;
    this.#pieces = new WholeCharacters(codec);
    this.#begin = codec === "windows-1252" ? MARK : ""; // a text in UTF-16 has one already
  }

  /**
   * A piece in UTF-8; the call after the last piece passes null. Raises Stop for bytes that are not in the encoding.
   */
  make(piece) {
    if (this.#codec === "utf-8") return piece ?? new Uint8Array();
    try {
      const text = this.#begin + this.#pieces.decode(piece);
      this.#begin = "";
      return this.#encoder.encode(text);
    } catch (error) {
      if (!(error instanceof BadBytes)) throw error;
      throw new Stop(`The CSV, line ${error.line}: it is not ${nameEncoding(this.#codec)}; ${ADVICE}.`);
    }
  }
}

/** Bytes that are not valid in the encoding. */
class BadBytes extends Error {
  constructor(line) {
    super();
    this.line = line;
  }
}

/** Decodes pieces, which may end within a character. */
class WholeCharacters {
  #codec;
  #decoder;
  #rest = new Uint8Array();
  #line = 1;

  constructor(codec) {
    this.#codec = codec;
    this.#decoder = new TextDecoder(codec, { fatal: true, ignoreBOM: true });
  }

  /** The text of a piece; null stands for the end. Raises BadBytes. */
  decode(piece) {
    const bytes = piece && this.#rest.length ? concatBytes([this.#rest, piece]) : (piece ?? this.#rest);
    const whole = piece ? wholeLength(this.#codec, bytes) : bytes.length;
    this.#rest = bytes.slice(whole);
    try {
      const text = this.#decoder.decode(bytes.subarray(0, whole));
      this.#line += countLineFeeds(text);
      return text;
    } catch {
      throw new BadBytes(this.#line + countLineFeeds(this.#readGood(bytes.subarray(0, whole))));
    }
  }

  /** The text before the first bytes that can't be decoded. */
  #readGood(bytes) {
    let [good, bad, text] = [0, bytes.length, ""];
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      try {
        text = new TextDecoder(this.#codec, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, middle), { stream: true });
        good = middle;
      } catch {
        bad = middle;
      }
    }
    return text;
  }
}

function countLineFeeds(text) {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The number of bytes, from the first, that are whole characters. */
function wholeLength(codec, bytes) {
  const { length } = bytes;
  if (codec === "windows-1252") return length;
  if (codec === "utf-8") {
    for (let back = 1; back <= Math.min(3, length) && bytes[length - back] >= 0x80; back++) {
      const lead = bytes[length - back];
      if (lead >= 0xc0) return back < (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2) ? length - back : length;
    }
    return length;
  }
  const even = length - (length % 2);
  const high = bytes[even - (codec === "utf-16le" ? 1 : 2)];
  return high >= 0xd8 && high < 0xdc ? even - 2 : even;
}

/** The bytes of several arrays in one array. */
export function concatBytes(arrays) {
  const joined = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
