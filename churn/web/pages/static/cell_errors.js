// Refuses the rows of a workbook in which a cell of one of the model's fields is an error, whatever the service
// answers for them.

import { spellClean } from "./spelling.js";

const MOST_PROBLEMS = 5; // of a row, as the service lists them
const MOST_CATEGORIES = 5; // that a problem lists in a cell, as in churn/errors.py

/**
 * The members of an answer, with the rows that have such cells refused. `errors` has the { column, problem }s of each
 * row, `names` are the column names that the service got.
 */
export function refuseErrors(members, { errors, names, fieldNames }) {
  if (!errors) return members;
  return members.map((member, row) => {
    const fields = new Map(errors[row].map(({ column, problem }) => [spellClean(names[column] ?? ""), problem]));
    const inFields = [...fields].filter(([field]) => fieldNames.has(field));
    const own = inFields.map(([field, problem]) => ({ field, problem, expected: "a value" }));
    if (!own.length) return member;
    const others = (member.problems ?? []).filter(({ field }) => !own.some((problem) => problem.field === field));
    const problems = [...own, ...others];
    const count = Math.max(member.problem_count ?? 0, problems.length);
    const words = problems.slice(0, MOST_PROBLEMS).map(wordProblem);
    if (count > MOST_PROBLEMS) words.push(`and ${count - MOST_PROBLEMS} more`);
    const cells = [...member.cells.slice(0, -1).fill(""), words.join("; ")];
    return { problems: problems.slice(0, MOST_PROBLEMS), problem_count: count, cells };
  });
}

/** A problem in words, for a cell of the scored file. */
function wordProblem({ field, problem, expected, did_you_mean: meant, with: partner }) {
  if (meant === undefined && expected === undefined) return `${field ?? "row"}: ${problem}`;
  if (partner) problem += ` ${partner.field} ${partner.value}`;
  const categories = Array.isArray(expected) ? expected.map((category) => category || "blank") : [expected];
  const listed = [...categories.slice(0, MOST_CATEGORIES), ...(categories.length > MOST_CATEGORIES ? ["..."] : [])];
  return `${field ?? "row"}: ${problem} (${meant ? `did you mean ${meant}?` : `expected ${listed.join(", ")}`})`;
}
