// The parts of a written workbook, except its sheet: the list of its parts, the name of its one sheet, the looks of
// its cells.

export const SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
export const XML_BEGIN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** The looks of a cell, in the order of LOOKS. */
export const STYLES = ["plain", "header", "formula", "percent", "date", "datetime", "time", "money"];

const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const RELATIONS = "application/vnd.openxmlformats-package.relationships+xml";
const FONT = '<sz val="11"/><name val="Calibri"/>';
const LOOKS = [
  "<xf/>",
  '<xf fontId="1" applyFont="1" quotePrefix="1"/>',
  '<xf quotePrefix="1"/>', // a text that looks like a formula stays a text when a user edits it
  '<xf numFmtId="10" applyNumberFormat="1"/>',
  '<xf numFmtId="164" applyNumberFormat="1"/>',
  '<xf numFmtId="165" applyNumberFormat="1"/>',
  '<xf numFmtId="166" applyNumberFormat="1"/>',
  '<xf numFmtId="4" applyNumberFormat="1"/>',
];
const STYLE_SHEET = [
  '<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>',
  '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/><numFmt numFmtId="166" formatCode="hh:mm:ss"/></numFmts>',
  `<fonts count="2"><font>${FONT}</font><font><b/>${FONT}</font></fonts>`,
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>',
  `<cellXfs count="${LOOKS.length}">${LOOKS.join("")}</cellXfs>`,
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
];

/**
 * The names and texts of the parts. `name` is the sheet's, `range` the cells that its filter covers, such as A3:U99.
 */
export function describeBook({ name, range, from1904 }) {
  const parts = [
    ["[Content_Types].xml", wrap("Types", `${PACKAGE}/content-types`, listTypes())],
    ["_rels/.rels", wrap("Relationships", `${PACKAGE}/relationships`, relate("rId1", "officeDocument", "xl/workbook.xml"))],
    ["xl/workbook.xml", wrap("workbook", SPREADSHEET, listSheet({ name, range, from1904 }), ` xmlns:r="${OFFICE}"`)],
    ["xl/_rels/workbook.xml.rels", wrap("Relationships", `${PACKAGE}/relationships`, listParts())],
    ["xl/styles.xml", wrap("styleSheet", SPREADSHEET, STYLE_SHEET.join(""))],
  ];
  return parts.map(([part, text]) => [part, XML_BEGIN + text]);
}

const wrap = (element, space, content, more = "") => `<${element} xmlns="${space}"${more}>${content}</${element}>`;

function listTypes() {
  const type = (part, kind) => `<Override PartName="/xl/${part}.xml" ContentType="${CONTENT}.${kind}+xml"/>`;
  const types = [type("workbook", "sheet.main"), type("worksheets/sheet1", "worksheet"), type("styles", "styles")];
  const byEnding = (ending, kind) => `<Default Extension="${ending}" ContentType="${kind}"/>`;
  return [byEnding("rels", RELATIONS), byEnding("xml", "application/xml"), ...types].join("");
}

const relate = (id, kind, target) => `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;

const listParts = () => relate("rId1", "worksheet", "worksheets/sheet1.xml") + relate("rId2", "styles", "styles.xml");

function listSheet({ name, range, from1904 }) {
  const place = `'${name.replaceAll("'", "''")}'!${range.replace(/([A-Z]+)([0-9]+)/g, "$$$1$$$2")}`;
  const filter = `<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">${escapeXml(place)}</definedName>`;
  const sheet = `<sheet name="${escapeXml(name)}" sheetId="1" r:id="rId1"/>`;
  return `<workbookPr${from1904 ? ' date1904="1"' : ""}/><sheets>${sheet}</sheets><definedNames>${filter}</definedNames>`;
}

/** A text, escaped for XML. */
export const escapeXml = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
