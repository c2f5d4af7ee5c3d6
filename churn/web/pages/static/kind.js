// Finds the kind of a file from its first and last bytes, as churn/tables/file_kind.py does; a test compares both.
// The page has the marks, names and ways out of the kinds from there.

import { byId } from "./elements.js";

export const LOOKED_AT_BYTES = 64 * 1024;

const FILE = { mark: "PK\x03\x04", lengthAt: 26, nameAt: 30 };
const LISTED = { mark: "PK\x01\x02", lengthAt: 28, nameAt: 46 };

let rules = null; // the page's rules; null until they are read

function readRules() {
  if (rules) return rules;
  const { marks, zip_marks: zipMarks, zip_names: zipNames, ole_mark: oleMark, ole_names: oleNames, html, begins } = JSON.parse(
    byId("list").dataset.kindRules,
  );
  const patterns = Object.entries(begins).map(([kind, pattern]) => [kind, new RegExp(`^(?:${pattern})`)]);
  return (rules = { marks, zipMarks, zipNames, oleMark, oleNames, html: new RegExp(html, "i"), ...Object.fromEntries(patterns) });
}

/** The kind of a file, from its first and last LOOKED_AT_BYTES bytes. */
export function findKind(headBytes, tailBytes) {
  const [head, tail] = [asLetters(headBytes), asLetters(tailBytes)];
  const { marks, zipMarks, oleMark, oleNames, bzip2, pickle } = readRules();
  if (!head) return "empty";
  if (zipMarks.some((mark) => head.startsWith(mark))) return kindOfZip(head, tail);
  if (head.startsWith(oleMark)) return oleNames.find(([name]) => (head + tail).includes(name))?.[1] ?? "ole";
  const marked = marks.find(([mark]) => head.startsWith(mark) && (mark !== "BZh" || bzip2.test(head)));
  if (marked) return marked[1];
  if (pickle.test(head)) return "pickle";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image";
  return kindOfText(head);
}

/** The kind of a file and the way out, as a sentence. */
export function describeKind(kind) {
  const { name, way_out: wayOut } = JSON.parse(byId("list").dataset.kinds)[kind];
  return `It is ${name}; ${wayOut}.`;
}

/** A text with a letter for each byte. */
function asLetters(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 4096) letters += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return letters;
}

function kindOfZip(head, tail) {
  if (head.slice(0, 200).includes("application/vnd.oasis.opendocument.spreadsheet")) return "ods";
  const names = [...readNames(head, FILE), ...readNames(tail, LISTED)];
  const isNamed = (part, kind) => names.some((name) => name.startsWith(part) || (kind === "numbers" && name.endsWith(part)));
  return readRules().zipNames.find(([part, kind]) => isNamed(part, kind))?.[1] ?? "zip";
}

/** The file names in the records of a zip archive that begin with this mark. */
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
  const html = readRules().html.exec(text.slice(0, 2000))?.index ?? -1;
  if (html === 0 || (html > 0 && (text.startsWith("<?xml") || text.startsWith("<!--")))) return "html";
  if (text.startsWith("<?xml")) return text.includes("schemas-microsoft-com:office:spreadsheet") ? "xml-workbook" : "xml";
  return readRules().json.test(text) ? "json" : "text";
}
