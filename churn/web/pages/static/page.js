// The page's entry point: opens the page with the key if it is locked, then starts its parts.

import { startDrift } from "./drift.js";
import { byId } from "./elements.js";
import { ask, forgetKey, keepKey, readKey } from "./key.js";
import { startLink } from "./link.js";
import { startList } from "./list.js";
import { startWhatIf } from "./whatif.js";
import { UNREACHABLE } from "./words.js";

function startPage() {
  const form = startWhatIf();
  startLink(form);
  startList(form);
  startDrift(form);
  byId("reload").addEventListener("click", () => location.reload());
  byId("forget-key")?.addEventListener("click", () => {
    forgetKey();
    location.reload();
  });
}

/** Replaces the locked page with the one that a key opens. Shows a problem if the service does not know the key. */
async function unlock(key) {
  let opened;
  try {
    const response = await ask("/", {}, key);
    opened = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    return showKeyProblem(error instanceof TypeError && /[^\x21-\x7e]/.test(key) ? undefined : UNREACHABLE);
  }
  const main = opened.getElementById("main");
  if (!main || "locked" in main.dataset) {
    forgetKey();
    return showKeyProblem();
  }
  keepKey(key);
  document.title = opened.title;
  document.querySelector(".brand").replaceWith(document.adoptNode(opened.querySelector(".brand")));
  byId("main").replaceWith(document.adoptNode(main));
  startPage();
  byId("main").focus();
}

function showKeyProblem(words = "The service does not know this key.") {
  byId("key-problem").textContent = words;
  byId("key").setAttribute("aria-invalid", "true");
  byId("key").focus();
}

if ("locked" in byId("main").dataset) {
  byId("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    unlock(byId("key").value.trim());
  });
  if (readKey()) unlock(readKey());
} else {
  startPage();
}
