// The model's version, which every answer has. The page shows a notice when it is no longer the page's own.

import { byId } from "./elements.js";

export const versionOf = (response) => response.headers.get("X-Model-Version");

export function watchVersion(response) {
  const version = versionOf(response);
  if (version && version !== byId("main").dataset.version) byId("new-model").hidden = false;
}
