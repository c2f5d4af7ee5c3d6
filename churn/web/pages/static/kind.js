// What a file is, from its first and last bytes: the rules of churn/tables/file_kind.py, to which a test holds these. The
// kinds' names and ways out are in the page, from there.

import { byId } from "./elements.js";

export const LOOKED_AT_BYTES = 64 * 1024;

const MARKS = [
  ["\xff\xfe\0\0", "utf-32"],
  ["\0\0\xfe\xff", "utf-32"],
  ["\xff\xfe", "utf-16"],
  ["\xfe\xff", "utf-16"],
  ["\x1f\x8b", "gzip"],
  ["PAR1", "parquet"],
  ["PARE", "parquet"],
  ["ARROW1", "arrow"],
  ["FEA1", "arrow"],
  ["SQLite format 3\0", "sqlite"],
  ["%PDF-", "pdf"],
  ["{\\rtf", "rtf"],
  ["version https://git-lfs.github.com/spec/", "git-lfs"],
  ["7z\xbc\xaf\x27\x1c", "archive"],
  ["Rar!\x1a\x07", "archive"],
  ["\xfd7zXZ\0", "archive"],
  ["BZh", "archive"],
  ["\x28\xb5\x2f\xfd", "archive"],
  ["\x89PNG\r\n", "image"],
  ["\xff\xd8\xff", "image"],
  ["GIF8", "image"],
  ["II*\0", "image"],
  ["MM\0*", "image"],
];
const ZIP_MARKS = ["PK\x03\x04", "PK\x05\x06"];
const OLE_MARK = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const ZIP_NAMES = [
  ["xl/workbook.bin", "xlsb"],
  ["xl/", "xlsx"],
  ["xl\\", "xlsx"],
  ["word/", "docx"],
  ["ppt/", "pptx"],
];
const NUMBERS_NAME = "Index/Document.iwa";
const OLE_NAMES = [
  ["EncryptedPackage", "locked"],
  ["EncryptionInfo", "locked"],
  ["DataSpaces", "locked"],
  ["Workbook", "xls"],
  ["Book", "xls"],
];
const PICKLE = /^(?:\x80[\x02-\x05]|[}\])]q\0|\([dl]p0\n|c(?:copy_reg|__builtin__|(?:numpy|pandas|sklearn)[A-Za-z0-9_.]*)\n)/;
const HTML = /<(?:!doctype[ \t\n\r\f\v]+html|html|head|body|table|meta|script)(?![A-Za-z0-9_])/i;
const JSON_TEXT = /^(?:\{[ \t\n\r\f\v]*"|\{[ \t\n\r\f\v]*\}|\[[ \t\n\r\f\v]*[{[])/;
const BZIP2 = /^BZh[1-9]1AY&SY/;
const FILE = { mark: "PK\x03\x04", lengthAt: 26, nameAt: 30 };
const LISTED = { mark: "PK\x01\x02", lengthAt: 28, nameAt: 46 };

/** The kind of a file that begins with the bytes `head` and ends with `tail`, LOOKED_AT_BYTES of each. */
export function findKind(headBytes, tailBytes) {
  const [head, tail] = [asLetters(headBytes), asLetters(tailBytes)];
  if (!head) return "empty";
  if (ZIP_MARKS.some((mark) => head.startsWith(mark))) return kindOfZip(head, tail);
  if (head.startsWith(OLE_MARK)) return OLE_NAMES.find(([name]) => (head + tail).includes(widen(name)))?.[1] ?? "ole";
  const marked = MARKS.find(([mark]) => head.startsWith(mark) && (mark !== "BZh" || BZIP2.test(head)));
  if (marked) return marked[1];
  if (PICKLE.test(head)) return "pickle";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image";
  return kindOfText(head);
}

/** What a file is and the way out, as a sentence. */
export function describeKind(kind) {
  const { name, way_out: wayOut } = JSON.parse(byId("list").dataset.kinds)[kind];
  return `It is ${name}; ${wayOut}.`;
}

/** A letter for each byte. */
function asLetters(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 4096) letters += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return letters;
}

const widen = (name) => [...name].map((letter) => `${letter}\0`).join("");

function kindOfZip(head, tail) {
  if (head.slice(0, 200).includes("application/vnd.oasis.opendocument.spreadsheet")) return "ods";
  const names = [...readNames(head, FILE), ...readNames(tail, LISTED)];
  const found = ZIP_NAMES.find(([part]) => names.some((name) => name.startsWith(part)));
  if (found) return found[1];
  return names.some((name) => name.startsWith(NUMBERS_NAME) || name.endsWith(NUMBERS_NAME)) ? "numbers" : "zip";
}

/** The names that a part of a zip archive holds, each in a record of this mark. */
function* readNames(letters, { mark, lengthAt, nameAt }) {
  for (let at = letters.indexOf(mark); at >= 0; at = letters.indexOf(mark, at + nameAt)) {
    const length = (letters.charCodeAt(at + lengthAt) || 0) + 256 * (letters.charCodeAt(at + lengthAt + 1) || 0);
    const name = letters.slice(at + nameAt, at + nameAt + length);
    yield name.startsWith("/") ? name.slice(1) : name;
  }
}

function kindOfText(head) {
  const text = (head.startsWith("\xef\xbb\xbf") ? head.slice(3) : head).replace(/^[ \t\n\r\f\v]+/, "");
  if (head.includes("\0")) {
    const counts = [0, 0];
    for (let at = 0; at < head.length; at++) counts[at % 2] += head[at] === "\0";
    const quarter = Math.floor(head.length / 4);
    return Math.max(...counts) > quarter && quarter > 0 && Math.min(...counts) === 0 ? "unmarked-utf-16" : "binary";
  }
  const html = HTML.exec(text.slice(0, 2000))?.index ?? -1;
  if (html === 0 || (html > 0 && (text.startsWith("<?xml") || text.startsWith("<!--")))) return "html";
  if (text.startsWith("<?xml")) return text.includes("schemas-microsoft-com:office:spreadsheet") ? "xml-workbook" : "xml";
  return JSON_TEXT.test(text) ? "json" : "text";
}
