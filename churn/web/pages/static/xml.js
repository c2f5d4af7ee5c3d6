// Parses XML in pieces, an element at a time and in bounded memory: the browser's own parser needs the whole
// document. Names are "namespace name". The reader knows what the elements mean.

import { damaged } from "./damage.js";

const MOST_TOKEN = 1024 * 1024; // letters of a tag or a comment
const MOST_NAMES = 10_000;
const MOST_DEPTH = 256;
const ENCODINGS = ["utf-8", "us-ascii", "iso-8859-1"];
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const REFERENCE = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));|&/g;
const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const TAG = /^(\/?)([^\s/=<>"'&!?]+)/;
const ATTRIBUTE = /\s+([^\s/=<>"'&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)$/y;
const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.[0-9]+\1(?:\s+encoding\s*=\s*(["'])([A-Za-z0-9._-]+)\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>/;
const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const LONGEST_REFERENCE = 10;

/**
 * Passes the elements of a part to a reader, which has start(name, attributes), end(name) and text(text); a text may
 * come in pieces. `name` is the part's name in errors. Raises Stop, and what the reader raises.
 */
export class XmlReader {
  depth = 0;
  #reader;
  #name;
  #decoder = null;
  #rest = "";
  #open = []; // the raw names of the open elements, with the namespaces before each
  #spaces = { __proto__: null, xml: XML_NAMESPACE, "": "" };
  #known = new Map();
  #names = 0;
  #isOver = false;

  constructor(reader, name) {
    this.#reader = reader;
    this.#name = name;
  }

  /** Parses the next bytes; null after the last of them. */
  read(bytes) {
    let text;
    try {
      this.#decoder ??= new TextDecoder(findEncoding(bytes ?? new Uint8Array()), { fatal: true });
      text = bytes ? this.#decoder.decode(bytes, { stream: true }) : this.#decoder.decode();
    } catch {
      throw this.#fail();
    }
    if (FORBIDDEN.test(text)) throw this.#fail();
    this.#rest = this.#scan(this.#rest + text, bytes === null);
    if (this.#rest.length > MOST_TOKEN) throw damaged("one of its tags has more than 1,048,576 bytes");
    if (bytes === null && (this.#rest || this.depth || !this.#isOver)) throw this.#fail();
  }

  #fail() {
    return damaged(`its part ${this.#name} is not XML`);
  }

  /** Parses whole tokens, and returns the letters that are left. */
  #scan(letters, last) {
    let at = 0;
    while (at < letters.length) {
      const tag = letters.indexOf("<", at);
      if (tag !== at) {
        const end = tag < 0 ? letters.length - (last ? 0 : heldBack(letters, at)) : tag;
        this.#text(letters.slice(at, end));
        if (tag < 0) return letters.slice(end);
        at = end;
      }
      const next = letters[at + 1] === "!" || letters[at + 1] === "?" ? this.#special(letters, at) : this.#tag(letters, at);
      if (next < 0) break;
      at = next;
    }
    return letters.slice(at);
  }

  #text(raw, isLiteral = false) {
    if (!raw) return;
    if (!this.depth) {
      if (isLiteral || /[^ \t\r\n]/.test(raw)) throw this.#fail();
      return;
    }
    const lines = raw.includes("\r") ? raw.replace(/\r\n?/g, "\n") : raw;
    this.#reader.text(isLiteral ? lines : this.#resolve(lines));
  }

  #resolve(text) {
    if (!text.includes("&")) return text;
    return text.replace(REFERENCE, (_, hex, decimal, entity) => {
      const code = hex ? parseInt(hex, 16) : Number(decimal);
      if (entity) return ENTITIES[entity];
      const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      if (!isCharacter || FORBIDDEN.test(String.fromCodePoint(code))) throw this.#fail();
      return String.fromCodePoint(code);
    });
  }

  /** Parses a comment, a CDATA section or an instruction. Returns the place after it, or -1 while it is not whole. */
  #special(letters, at) {
    for (const [begin, end] of [["<!--", "-->"], ["<![CDATA[", "]]>"], ["<?", "?>"]]) {
      if (begin.startsWith(letters.slice(at, at + begin.length)) && letters.length < at + begin.length) return -1;
      if (!letters.startsWith(begin, at)) continue;
      const stop = letters.indexOf(end, at + begin.length);
      if (stop < 0) return -1;
      if (begin === "<![CDATA[") this.#text(letters.slice(at + begin.length, stop), true);
      return stop + end.length;
    }
    if ("<!DOCTYPE".startsWith(letters.slice(at, at + 9)) && letters.length < at + 9) return -1;
    if (letters.startsWith("<!DOCTYPE", at)) throw damaged("its XML has a document type, which no workbook has");
    throw this.#fail();
  }

  #tag(letters, at) {
    const end = this.#findTagEnd(letters, at + 1);
    if (end < 0) return -1;
    const tag = letters.slice(at + 1, end);
    const [head, closes, raw] = TAG.exec(tag) ?? [];
    if (!head) throw this.#fail();
    if (closes) {
      if (/[^\s]/.test(tag.slice(head.length)) || this.#open.at(-1)?.raw !== raw) throw this.#fail();
      this.#end();
      return end + 1;
    }
    this.#start(raw, tag, head.length);
    return end + 1;
  }

  #findTagEnd(letters, at) {
    let quote = 0;
    for (; at < letters.length; at++) {
      const letter = letters.charCodeAt(at);
      if (quote) {
        if (letter === quote) quote = 0;
      } else if (letter === 62) return at;
      else if (letter === 34 || letter === 39) quote = letter;
      else if (letter === 60) throw this.#fail();
    }
    return -1;
  }

  #start(raw, tag, at) {
    if (this.#isOver) throw this.#fail();
    const [given, before] = [{ __proto__: null }, this.#spaces];
    ATTRIBUTE.lastIndex = at;
    for (let found; (found = ATTRIBUTE.exec(tag)); at = ATTRIBUTE.lastIndex) {
      const [, name, value = found[3]] = found;
      if (name in given) throw this.#fail();
      given[name] = /[&\t\r\n]/.test(value) ? this.#resolve(value.replace(/\r\n|[\t\r\n]/g, " ")) : value;
      if (name === "xmlns" || name.startsWith("xmlns:")) this.#declare(name.slice(6), given[name], before);
    }
    TAG_END.lastIndex = at;
    const [, closes] = TAG_END.exec(tag) ?? [null, null];
    if (closes === null) throw this.#fail();
    const attributes = { __proto__: null };
    for (const name in given) {
      if (name !== "xmlns" && !name.startsWith("xmlns:")) attributes[name.includes(":") ? this.#nameOf(name) : name] = given[name];
    }
    this.#open.push({ raw, before, name: this.#nameOf(raw) });
    if (++this.depth > MOST_DEPTH) throw damaged("its XML has more names or levels than a workbook\u2019s");
    this.#reader.start(this.#open.at(-1).name, attributes);
    if (closes) this.#end();
  }

  #declare(prefix, space, before) {
    if (space.includes(" ")) throw this.#fail(); // a space separates the two parts of a name
    if (this.#spaces === before) [this.#spaces, this.#known] = [{ __proto__: before }, new Map()];
    this.#spaces[prefix] = space;
  }

  #end() {
    const { before, name } = this.#open.pop();
    this.depth--;
    if (before !== this.#spaces) [this.#spaces, this.#known] = [before, new Map()];
    this.#isOver = this.depth === 0;
    this.#reader.end(name);
  }

  #nameOf(raw) {
    let name = this.#known.get(raw);
    if (name === undefined) {
      const colon = raw.indexOf(":");
      const space = this.#spaces[raw.slice(0, Math.max(colon, 0))];
      if (space === undefined || !/^[A-Za-z_\u0080-\uffff]/.test(raw)) throw this.#fail();
      name = space ? `${space} ${raw.slice(colon + 1)}` : raw;
      this.#known.set(raw, name);
      if (++this.#names > MOST_NAMES) throw damaged("its XML has more names or levels than a workbook\u2019s");
    }
    return name;
  }
}

/** The number of last letters that may be the beginning of something. */
function heldBack(letters, from) {
  const begin = letters.lastIndexOf("&");
  if (begin >= from && letters.length - begin < LONGEST_REFERENCE && !letters.includes(";", begin)) return letters.length - begin;
  return letters.endsWith("\r") ? 1 : 0;
}

function findEncoding(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const begin = String.fromCharCode(...bytes.subarray(0, 200)).replace(/^\xef\xbb\xbf/, "");
  const [declared, , , named = "utf-8"] = DECLARATION.exec(begin) ?? [];
  const isSpoilt = begin.startsWith("<?xml") && !declared;
  if (isSpoilt || !ENCODINGS.includes(named.toLowerCase())) throw new RangeError(named);
  return named.toLowerCase();
}
