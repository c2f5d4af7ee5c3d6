// The API key: kept for this tab only, and sent with every request.

const NAME = "churn-api-key";

let keyOfThisPage = null; // for a browser without session storage

export function readKey() {
  try {
    return sessionStorage.getItem(NAME) ?? keyOfThisPage;
  } catch {
    return keyOfThisPage;
  }
}

export function keepKey(key) {
  keyOfThisPage = key;
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // keyOfThisPage has it until the page is left
  }
}

export function forgetKey() {
  keyOfThisPage = null;
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // there is nothing to remove
  }
}

/** The response of fetch with the key, if there is one. `key` may be one that is not kept yet. */
export function ask(path, options = {}, key = readKey()) {
  const headers = new Headers(options.headers);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  return fetch(path, { ...options, headers, cache: "no-store" });
}
