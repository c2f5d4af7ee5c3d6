// Reads what a workbook records about its sheets: their names and parts, the shared texts, the number formats and the
// date system. The rules are those of churn/workbooks/book.py.

import { readFormat, readText } from "./cells.js";
import { damaged, refused, tooLarge } from "./damage.js";
import { XmlReader } from "./xml.js";

export const NAMESPACES = ["http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"];
export const MOST_LETTERS = 64 * 1024;
export const LONG_TEXT = "a text has more than 65,536 characters";

const MOST_TEXTS_BYTES = 256 * 1024 * 1024;
const TEXT_BYTES = 64; // added for each text, so that empty texts count, too
const MOST_FORMATS = 100_000;
const SMALL_PART_BYTES = 16 * 1024 * 1024;
const MOST_SHEETS = 10_000;
const TRUE = ["1", "true"];

export class Book {
  /** The worksheets, without charts: { name, isVisible, part }. */
  sheets = [];
  from1904 = false;
  /** True if the program that wrote the workbook left its formulas for Excel to calculate. */
  recalculates = false;
  texts = [];
  /** "percent" or "date" for each cell style that shows its numbers so, by the style's number as text. */
  formats = new Map();
}

/** The workbook in these parts, which are by name. Raises Stop. */
export async function readBook(parts) {
  const root = await readRelations(parts, "", "_rels/.rels");
  const main = [...root.values()].find(({ kind }) => kind === "officeDocument")?.target;
  if (main === undefined) throw damaged("its archive names no workbook");
  const [folder, name] = splitPath(main);
  const relations = await readRelations(parts, folder, `${folder}_rels/${name}.rels`);
  const book = new Book();
  const listed = [];
  await readPart(parts, main, new BookReader(book, listed), SMALL_PART_BYTES);
  for (const { identifier, ...sheet } of listed) {
    const relation = relations.get(identifier);
    if (relation?.kind === "worksheet") book.sheets.push({ ...sheet, part: relation.target });
  }
  if (!book.sheets.length) throw refused("it has no worksheet, only charts; give a workbook with a table");
  const targets = new Map([...relations.values()].map(({ kind, target }) => [kind, target]));
  if (targets.has("sharedStrings")) await readPart(parts, targets.get("sharedStrings"), new TextsReader(book));
  if (targets.has("styles")) await readPart(parts, targets.get("styles"), new FormatsReader(book), SMALL_PART_BYTES);
  return book;
}

/** Passes all elements of a part to a reader. Raises Stop. */
async function readPart(parts, name, reader, mostBytes) {
  for await (const _ of readElements(parts, name, reader, mostBytes));
}

/**
 * Passes the elements of a part to a reader, piece by piece, and yields the length of each piece in bytes. Raises
 * Stop.
 */
export async function* readElements(parts, name, reader, mostBytes) {
  const part = parts.get(name);
  const [, short] = splitPath(name);
  if (!part) throw damaged(`it has no part ${short}`);
  const xml = new XmlReader(reader, short);
  for await (const piece of part.inflate(mostBytes)) {
    xml.read(piece);
    yield piece.length;
  }
  xml.read(null);
  yield 0;
}

const localName = (name) => name.slice(name.lastIndexOf(" ") + 1);

const splitPath = (path) => [path.slice(0, path.lastIndexOf("/") + 1), path.slice(path.lastIndexOf("/") + 1)];

/** The parts that a part refers to, by identifier: { kind, target }. */
async function readRelations(parts, folder, name) {
  const relations = new Map();
  const start = (element, attributes) => {
    if (localName(element) !== "Relationship" || attributes.TargetMode === "External") return;
    const [, kind] = splitPath(attributes.Type ?? "");
    relations.set(attributes.Id ?? "", { kind, target: joinPath(folder, (attributes.Target ?? "").replaceAll("\\", "/").toLowerCase()) });
    if (relations.size > MOST_SHEETS) throw damaged("it refers to more than 10,000 parts");
  };
  await readPart(parts, name, { start, end() {}, text() {} }, SMALL_PART_BYTES);
  return relations;
}

function joinPath(folder, target) {
  const path = [];
  for (const step of (target.startsWith("/") ? target : folder + target).split("/")) {
    if (step === "..") path.pop();
    else if (step && step !== ".") path.push(step);
  }
  return path.join("/");
}

class BookReader {
  #depth = 0;

  constructor(book, listed) {
    Object.assign(this, { book, listed });
  }

  start(name, attributes) {
    const element = localName(name);
    if (++this.#depth === 1 && !NAMESPACES.some((space) => name === `${space} workbook`)) throw damaged("its main part is not a workbook");
    if (element === "workbookPr") this.book.from1904 = TRUE.includes(attributes.date1904);
    else if (element === "calcPr") this.book.recalculates = TRUE.includes(attributes.fullCalcOnLoad);
    else if (element === "sheet" && this.#depth === 3) this.#list(attributes);
  }

  end() {
    this.#depth--;
  }

  text() {}

  #list(attributes) {
    const key = Object.keys(attributes).find((name) => localName(name) === "id");
    const isVisible = (attributes.state ?? "visible") === "visible";
    this.listed.push({ name: attributes.name ?? "", isVisible, identifier: attributes[key] ?? "" });
    if (this.listed.length > MOST_SHEETS) throw damaged("it has more than 10,000 sheets");
  }
}

class TextsReader {
  #text = "";
  #bytes = 0;
  #isText = false;
  #isPhonetic = false;

  constructor(book) {
    this.texts = book.texts;
  }

  start(name) {
    const element = localName(name);
    this.#isText = element === "t" && !this.#isPhonetic;
    this.#isPhonetic ||= element === "rPh";
  }

  text(text) {
    if (!this.#isText) return;
    this.#text += text;
    if (this.#text.length > 2 * MOST_LETTERS) throw tooLarge(LONG_TEXT);
  }

  end(name) {
    this.#isText = false;
    const element = localName(name);
    if (element === "rPh") this.#isPhonetic = false;
    if (element !== "si") return;
    const text = readText(this.#text);
    if (text.length > MOST_LETTERS) throw tooLarge(LONG_TEXT);
    this.texts.push(text);
    this.#text = "";
    this.#bytes += TEXT_BYTES + 2 * text.length;
    if (this.#bytes > MOST_TEXTS_BYTES) throw tooLarge("the texts of the workbook take more than 256 MiB");
  }
}

class FormatsReader {
  #codes = new Map();
  #isCell = false;
  #count = 0;

  constructor(book) {
    this.formats = book.formats;
  }

  start(name, attributes) {
    const element = localName(name);
    this.#isCell ||= element === "cellXfs";
    if (element === "numFmt" && !this.#isCell) this.#codes.set(readFormatNumber(attributes), attributes.formatCode ?? "");
    else if (element === "xf" && this.#isCell) {
      const number = readFormatNumber(attributes);
      const shown = readFormat(number, this.#codes.get(number));
      if (shown) this.formats.set(String(this.#count), shown);
      this.#count++;
    }
    if (Math.max(this.#count, this.#codes.size) > MOST_FORMATS) throw damaged("it has more than 100,000 cell formats");
  }

  end() {}

  text() {}
}

function readFormatNumber({ numFmtId: number = "0" }) {
  if (!/^[0-9]{1,9}$/.test(number)) throw damaged("a cell format has no valid number");
  return Number(number);
}
