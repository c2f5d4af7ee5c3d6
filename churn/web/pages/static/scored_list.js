// Shows the outcome of a customer list: totals, the customers, the rows that could not be scored, the file to
// download.

import { showBadRows } from "./bad_rows.js";
import { showCampaign } from "./campaign.js";
import { showCustomers } from "./customer_list.js";
import { byId, makeFact, showList } from "./elements.js";
import { ListView } from "./list_view.js";
import { count, eventWords, inPercent, sentence, spellCount } from "./words.js";

/** Shows the outcome of a file: totals, the link to the scored file, the customers and the rows not scored. */
export function showScored({ tally, customers, columns, own, hiddenRows, bad, isReadBack = false }, { form, address, name }) {
  const share = tally.scored ? `${inPercent(tally.leaving / tally.scored)} % of ${isReadBack ? "these" : "those scored"}` : "";
  byId("totals").replaceChildren(
    makeFact(isReadBack ? "Answers" : "Scored", count(tally.scored, "row"), `of ${count(tally.rows, "row")} in the file`),
    makeFact(sentence(eventWords().likely), count(tally.leaving, "customer"), share),
    makeFact("Not scored", count(tally.badCount, "row"), tally.badCount ? "listed below, and in the file" : isReadBack ? "every row has its answer" : "every row could be scored"),
  );
  byId("read-back").hidden = !isReadBack;
  byId("download").hidden = isReadBack;
  if (!isReadBack) Object.assign(byId("download"), { href: address, download: name });
  showNotes(columns, hiddenRows);
  const mostFirst = [...tally.outside].sort(([, one], [, other]) => other - one);
  showList("list-outside", mostFirst.map(([field, customers]) => form.wordOutside(field, customers)));
  showBadRows(bad, { form, own, inFile: isReadBack ? "the file" : "the scored file, each with its problems" });
  const view = new ListView(customers);
  showCustomers(view, { form, isSaved: isReadBack });
  showCampaign(view, { form, name: nameCalls(name) });
  const unscored = tally.badCount ? ` ${count(tally.badCount, "row")} could not be scored.` : "";
  const done = isReadBack ? `Read back, not scored again: ${count(tally.scored, "answer")}` : `Done: ${count(tally.scored, "row")} scored`;
  byId("list-status").textContent = `${done}, ${spellCount(tally.leaving)} ${eventWords().likely}.${unscored}`;
}

/** The name of the call list's files, without an ending. */
const nameCalls = (name) => name.replace(/(?:-scored)*\.[^.]*$/, "-calls");

/** Shows notes on hidden rows, on replaced columns, and on columns of the answer with another name. */
function showNotes({ renamed, replacedNames }, hiddenRows) {
  const notes = hiddenRows ? [`${count(hiddenRows, "row")} hidden in the workbook, scored like the others.`] : [];
  if (replacedNames.length) notes.push(`The file had an earlier answer, which the new one replaces: ${replacedNames.join(", ")}.`);
  notes.push(...renamed.map(({ asked, name }) => `The answer\u2019s column is called ${name}, because the file has its own ${asked}.`));
  byId("list-note").textContent = notes.join(" ");
  byId("list-note").hidden = notes.length === 0;
}
