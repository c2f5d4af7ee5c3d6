// The clean spelling of names, and the test for a blank. The rules are those of churn/model/spelling.py; a test
// compares both.

const SPACES = new Set(
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);

/**
 * A text without the spaces around it. JavaScript's trim leaves some of Python's spaces, and removes a byte order
 * mark.
 */
export function strip(text) {
  let [start, end] = [0, text.length];
  while (start < end && SPACES.has(text[start])) start++;
  while (start < end && SPACES.has(text[end - 1])) end--;
  return text.slice(start, end);
}

export const isBlank = (text) => strip(text) === "";

/** A name as the service compares it. */
export const spellClean = (name) => strip(name).toLowerCase().replaceAll(" ", "_");
