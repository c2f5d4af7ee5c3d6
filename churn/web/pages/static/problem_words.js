// Words the problems of a customer for a person, with the form's labels.

import { sentence } from "./words.js";

const ANOTHER = "another value than "; // the service's words for "any value except"
const TRAINING = "training saw "; // the service's words for the range of training

/** A problem in words, without the name of its field. Its `expected`, categories or a text, may be missing. */
export function wordProblem(problem, form) {
  const { field, did_you_mean: meant, with: partner } = problem;
  const expected = wordExpected(problem, form);
  if (problem.problem === "contradicts") {
    if (!partner) return "Does not go with another value of this customer.";
    return `Does not go with \u2018${wordValue(partner, form)}\u2019. ${expected}`.trimEnd();
  }
  if (problem.problem === "out of range") return `Too far from what the model knows. ${expected}`.trimEnd();
  if (meant !== undefined) return `${sentence(problem.problem)}. Did you mean ${form.word(field, meant)}?`;
  return `${sentence(problem.problem)}. ${expected}`.trimEnd();
}

/** The expected values as a sentence; "" if the problem has none. */
export function wordExpected({ field, problem, expected }, form) {
  if (expected === undefined) return "";
  if (problem === "out of range") return `It accepts ${expected.replace(TRAINING, "the model has only seen ")}.`;
  if (problem === "contradicts") {
    const wanted = expected.startsWith(ANOTHER) ? ANOTHER + form.word(field, expected.slice(ANOTHER.length)) : form.word(field, expected);
    return `Expected: ${wanted}.`;
  }
  return `Expected: ${Array.isArray(expected) ? expected.map((category) => form.word(field, category)).join(", ") : expected}.`;
}

/** A problem in a few words, to follow the name of its field. */
export function nameProblem({ problem, with: partner }, form) {
  if (problem === "contradicts" && partner) return `does not go with ${wordValue(partner, form)}`;
  return problem === "out of range" ? "too far from what the model knows" : problem;
}

/** A problem and its field as a statement, the title of a group of rows: "Monthly charges is not a number". */
export function stateProblem(problem, form) {
  if (!problem.field) return problem.problem;
  const label = form.label(problem.field);
  if (problem.problem === "contradicts") return `${label} ${problem.with ? nameProblem(problem, form) : "does not go with another value"}`;
  if (problem.problem === "unknown category") return `${label} is not one of the known values`;
  const marks = marksOf(problem);
  return `${label} is ${nameProblem(problem, form)}${marks ? `: it has ${marks}` : ""}`;
}

/** The marks that keep a text from being a number, in words; "" for other problems. */
export const marksOf = ({ expected }) => /, without (.+?)(?:, or blank|; blank only where .*)?$/.exec(String(expected ?? ""))?.[1] ?? "";

const wordValue = ({ field, value }, form) => `${form.label(field)}: ${form.word(field, value)}`;
