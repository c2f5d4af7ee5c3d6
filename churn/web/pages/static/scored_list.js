// What came out of a customer list: totals, the customers, the rows that could not be scored, the file to download.

import { showCampaign } from "./campaign.js";
import { showCustomers } from "./customer_list.js";
import { byId, make, makeFact, showList } from "./elements.js";
import { ListView } from "./list_view.js";
import { count, eventWords, inPercent, sentence } from "./words.js";

/** Shows what came out of a file: totals, the link to the scored file, the customers and the rows not scored. */
export function showScored({ tally, customers, columns, own, hiddenRows }, { form, address, name }) {
  const share = tally.scored ? `${inPercent(tally.leaving / tally.scored)} % of those scored` : "";
  byId("totals").replaceChildren(
    makeFact("Scored", count(tally.scored, "row"), `of ${count(tally.rows, "row")} in the file`),
    makeFact(sentence(eventWords().likely), count(tally.leaving, "customer"), share),
    makeFact("Not scored", count(tally.badCount, "row"), tally.badCount ? "listed below, and in the file" : "every row is good"),
  );
  Object.assign(byId("download"), { href: address, download: name });
  showNotes(columns, hiddenRows);
  const mostFirst = [...tally.outside].sort(([, one], [, other]) => other - one);
  showList("list-outside", mostFirst.map(([field, customers]) => form.wordOutside(field, customers)));
  byId("bad").hidden = !tally.badCount;
  byId("bad-hint").textContent = tally.badCount > tally.bad.length ? `The first ${tally.bad.length} of ${count(tally.badCount, "row")}.` : "";
  const badRows = tally.bad.map((bad) => [bad.row, ...ifOwn(own, bad.own), listProblems(bad, form)]);
  fillTable("bad-rows", ["Row", ...ifOwn(own, own?.name), "Problem"], badRows);
  const view = new ListView(customers);
  showCustomers(view, { form });
  showCampaign(view, { form, name: name.replace(/(?:-scored)?\.[^.]*$/, "-calls") });
  const bad = tally.badCount ? ` ${count(tally.badCount, "row")} could not be scored.` : "";
  byId("list-status").textContent = `Done: ${count(tally.scored, "row")} scored, ${tally.leaving} ${eventWords().likely}.${bad}`;
}

/** Says what the file's own columns did to the answer's, and how many rows its user did not see. */
function showNotes({ renamed, replacedNames }, hiddenRows) {
  const notes = hiddenRows ? [`${count(hiddenRows, "row")} of the workbook are hidden and scored, too.`] : [];
  if (replacedNames.length) notes.push(`The file had an earlier answer, which is replaced: ${replacedNames.join(", ")}.`);
  notes.push(...renamed.map(({ asked, name }) => `The answer\u2019s column is called ${name}: the file has its own ${asked}.`));
  byId("list-note").textContent = notes.join(" ");
  byId("list-note").hidden = notes.length === 0;
}

/** A cell of the user's own column, where the file has one. */
const ifOwn = (own, cell) => (own ? [cell] : []);

/** Fills a table with heads and rows of cells. */
function fillTable(id, heads, rows) {
  byId(id).tHead.replaceChildren(make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words))));
  byId(id).tBodies[0].replaceChildren(...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))));
}

/** The problems of a row, one below the other, and how many more there are. */
function listProblems({ problems, problemCount = problems.length }, form) {
  const words = problems.map((problem) => (problem.field ? `${form.label(problem.field)}: ` : "") + form.wordProblem(problem));
  if (problemCount > problems.length) words.push(`And ${problemCount - problems.length} more.`);
  return make("ul", { className: "problems" }, ...words.map((text) => make("li", {}, text)));
}
