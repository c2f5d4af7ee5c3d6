// What came out of a customer list: totals, the riskiest rows, the rows that could not be scored, the file to download.

import { showBadRows } from "./bad_rows.js";
import { byId, draw, make, showList } from "./elements.js";
import { count, eventWords, inPercent, sentence, withSign } from "./words.js";

/** Shows what came out of a file: totals, the link to the scored file, the riskiest rows and those not scored. */
export function showScored({ tally, columns, own, hiddenRows, bad, isReadBack = false }, { form, address, name }) {
  const share = tally.scored ? `${inPercent(tally.leaving / tally.scored)} % of ${isReadBack ? "these" : "those scored"}` : "";
  byId("totals").replaceChildren(
    fact(isReadBack ? "Answers" : "Scored", count(tally.scored, "row"), `of ${count(tally.rows, "row")} in the file`),
    fact(sentence(eventWords().likely), count(tally.leaving, "customer"), share),
    fact("Not scored", count(tally.badCount, "row"), tally.badCount ? "listed below, and in the file" : isReadBack ? "every row has its answer" : "every row is good"),
  );
  byId("read-back").hidden = !isReadBack;
  byId("download").hidden = isReadBack;
  if (!isReadBack) Object.assign(byId("download"), { href: address, download: name });
  showNotes(columns, hiddenRows);
  const mostFirst = [...tally.outside].sort(([, one], [, other]) => other - one);
  showList("list-outside", mostFirst.map(([field, customers]) => form.wordOutside(field, customers)));
  showRiskiest(tally, own, form);
  showBadRows(bad, { form, own, inFile: isReadBack ? "the file" : "the scored file, each with its problems" });
  byId("scored").hidden = false;
  const unscored = tally.badCount ? ` ${count(tally.badCount, "row")} could not be scored.` : "";
  const done = isReadBack ? `Read back, not scored anew: ${count(tally.scored, "answer")}` : `Done: ${count(tally.scored, "row")} scored`;
  byId("list-status").textContent = `${done}, ${tally.leaving} ${eventWords().likely}.${unscored}`;
}

/** Says what the file's own columns did to the answer's, and how many rows its user did not see. */
function showNotes({ renamed, replacedNames }, hiddenRows) {
  const notes = hiddenRows ? [`${count(hiddenRows, "row")} of the workbook are hidden and scored, too.`] : [];
  if (replacedNames.length) notes.push(`The file had an earlier answer, which is replaced: ${replacedNames.join(", ")}.`);
  notes.push(...renamed.map(({ asked, name }) => `The answer\u2019s column is called ${name}: the file has its own ${asked}.`));
  byId("list-note").textContent = notes.join(" ");
  byId("list-note").hidden = notes.length === 0;
}

function showRiskiest(tally, own, form) {
  const rows = tally.riskiest.map(({ row, own: cell, probability, reasons }) => {
    const risk = make("span", { className: "risk" }, `${inPercent(probability)} %`, drawRisk(probability));
    return [row, ...ifOwn(own, cell), risk, reasons.map((reason) => wordReason(reason, form)).join("; ")];
  });
  fillTable("riskiest", ["Row", ...ifOwn(own, own?.name), sentence(eventWords().risk), "Strongest reasons"], rows);
}

/** A cell of the user's own column, where the file has one. */
const ifOwn = (own, cell) => (own ? [cell] : []);

/** Fills a table with heads and rows of cells. */
function fillTable(id, heads, rows) {
  byId(id).tHead.replaceChildren(make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words))));
  byId(id).tBodies[0].replaceChildren(...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))));
}

const fact = (label, figure, meaning) =>
  make("div", {}, make("dt", {}, label), make("dd", {}, make("strong", {}, figure), make("span", { className: "hint" }, meaning)));

function drawRisk(probability) {
  return draw(
    "svg",
    { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("rect", { class: "track", width: 100, height: 8 }),
    draw("rect", { class: "up", width: probability * 100, height: 8 }),
  );
}

function wordReason(reason, form) {
  if (reason.words) return reason.words; // as the file has it
  const { field, value, contribution } = reason;
  return `${form.label(field)}: ${form.word(field, value)}${form.wordPartners(reason)} (${withSign(contribution)})`;
}
