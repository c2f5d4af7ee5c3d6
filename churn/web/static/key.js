// The API key: kept for this tab only, sent with every request once there is one.

const NAME = "churn-api-key";

export function readKey() {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null; // a browser that keeps nothing
  }
}

export function keepKey(key) {
  sessionStorage.setItem(NAME, key);
}

export function forgetKey() {
  sessionStorage.removeItem(NAME);
}

/** fetch, with the key where there is one; `key` is one that is not kept (yet). */
export function ask(path, options = {}, key = readKey()) {
  const headers = new Headers(options.headers);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  return fetch(path, { ...options, headers, cache: "no-store" });
}
