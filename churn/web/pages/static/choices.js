// A form in which a person chooses from lists, or confirms a step, with a button to go on and one to cancel.

import { byId, make } from "./elements.js";

/**
 * The values that a person chooses, one for each of the `choices`: { label, hint, options: [[value, words]], chosen }.
 *
 * `chosen` is chosen at first, "" for none. A value can be chosen only once. `go` is the text of the button that goes
 * on. Without `choices` the form only asks for a confirmation. Raises the signal's AbortError.
 */
export function askChoices({ title, hint, choices = [], go = "Score the file", signal }) {
  const form = byId("choices");
  const fields = choices.map(makeField);
  byId("choices-title").textContent = title;
  byId("choices-hint").textContent = hint;
  byId("choices-go").textContent = go;
  byId("choices-fields").replaceChildren(...fields.map(({ element }) => element));
  form.hidden = false;
  byId("choices-title").focus();
  return new Promise((resolve, reject) => {
    const answered = new AbortController();
    const close = () => {
      answered.abort();
      form.hidden = true;
      byId("choices-fields").replaceChildren();
    };
    const cancel = () => {
      close();
      reject(signal.reason);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!check(fields)) return;
      const values = fields.map(({ select }) => select.value);
      close();
      byId("file").focus();
      resolve(values);
    }, answered);
    signal.addEventListener("abort", cancel, answered);
    if (signal.aborted) cancel();
  });
}

function makeField({ label, hint, options, chosen }, number) {
  const id = `choice-${number}`;
  const select = make("select", { id }, ...options.map(([value, words]) => make("option", { value }, words)));
  select.value = chosen;
  select.setAttribute("aria-describedby", `${id}-problem ${id}-hint`);
  const problem = make("p", { id: `${id}-problem`, className: "problem" });
  const parts = [make("label", { htmlFor: id }, label), select, make("p", { id: `${id}-hint`, className: "hint" }, hint), problem];
  return { select, problem, element: make("div", { className: "field" }, ...parts) };
}

/** True if each field has a value that no other has. Otherwise shows the problems, and focuses the first. */
function check(fields) {
  const values = fields.map(({ select }) => select.value);
  const wrong = fields.filter(({ select, problem }, number) => {
    const isTwice = values.indexOf(select.value) < number;
    problem.textContent = select.value === "" ? "Nothing is chosen." : isTwice ? "It is already chosen above." : "";
    if (problem.textContent) select.setAttribute("aria-invalid", "true");
    else select.removeAttribute("aria-invalid");
    return problem.textContent;
  });
  wrong[0]?.select.focus();
  return wrong.length === 0;
}
