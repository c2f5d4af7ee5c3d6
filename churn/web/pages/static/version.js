// The model's version: every answer tells it, and the page says so when it is no longer its own.

import { byId } from "./elements.js";

export const versionOf = (response) => response.headers.get("X-Model-Version");

export function watchVersion(response) {
  const version = versionOf(response);
  if (version && version !== byId("main").dataset.version) byId("new-model").hidden = false;
}
