// The API key: kept for this tab only, sent with every request once there is one.

const NAME = "churn-api-key";

let keyOfThisPage = null; // for a browser that keeps nothing itself

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
    // it is kept until the page is left
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

/** fetch, with the key where there is one; `key` is one that is not kept (yet). */
export function ask(path, options = {}, key = readKey()) {
  const headers = new Headers(options.headers);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  return fetch(path, { ...options, headers, cache: "no-store" });
}
