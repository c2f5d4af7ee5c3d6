// The page at /docs: a list of operations. Swagger UI, which is large, is loaded when a person opens one of them.
//
// If the service requires a key, there is no list without one: the document is then fetched at once, with the key.

import { mendMarkup } from "./docs_markup.js";
import { make } from "./elements.js";
import { ask, forgetKey, keepKey, readKey } from "./key.js";

const api = document.getElementById("api");
const start = document.getElementById("start");
const form = document.getElementById("key-form");
const field = document.getElementById("key");
const hint = document.getElementById("key-hint");
const message = document.getElementById("message");
let viewer = null;

async function load() {
  message.textContent = "Reading the document\u2026";
  try {
    const answer = await ask(api.dataset.document);
    if (answer.status === 401) {
      askForKey();
    } else if (answer.ok) {
      const [spec] = await Promise.all([answer.json(), fetchViewer()]);
      show(spec);
    } else {
      message.textContent = `The document can't be read: the service answered ${answer.status}.`;
    }
  } catch {
    message.textContent = "The document can't be read: the service does not answer.";
  }
}

/** Loads Swagger UI's style sheet, before our own so that ours prevails, and its script. */
function fetchViewer() {
  const ours = document.querySelector("link[rel='stylesheet']");
  const style = make("link", { rel: "stylesheet", href: api.dataset.styleHref });
  const script = make("script", { src: api.dataset.scriptSrc });
  const loaded = [style, script].map(
    (element) => new Promise((resolve, reject) => Object.assign(element, { onload: resolve, onerror: reject })),
  );
  ours.before(style, script);
  return Promise.all(loaded);
}

function withKey(headers) {
  const key = readKey();
  return key && !headers.Authorization && !headers["X-API-Key"] ? { ...headers, "X-API-Key": key } : headers;
}

function askForKey() {
  if (readKey()) {
    hint.textContent = "The service does not know this key.";
    field.setAttribute("aria-invalid", "true");
    forgetKey();
  }
  message.textContent = "";
  form.hidden = false;
  field.focus();
}

function show(spec) {
  form.hidden = true;
  start.hidden = true;
  message.textContent = "";
  new MutationObserver(() => mendMarkup(api)).observe(api, { childList: true, subtree: true });
  viewer = SwaggerUIBundle({
    spec,
    domNode: api,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    requestInterceptor: (request) => ({ ...request, headers: withKey(request.headers) }),
    onComplete: openAsked,
  });
}

/** Opens the operation that the address names, as #/TAG/OPERATION, and scrolls to it. */
function openAsked() {
  const [, tag, operation] = location.hash.split("/");
  if (!operation) return;
  viewer.layoutActions.show(["operations", tag, operation], true);
  requestAnimationFrame(() => {
    const block = document.getElementById(`operations-${tag}-${operation}`);
    block?.querySelector("button").focus();
    block?.scrollIntoView();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(field.value.trim());
  field.value = "";
  load();
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", dress);
dress();
addEventListener("hashchange", () => (viewer ? openAsked() : load()));
if ("atOnce" in api.dataset || location.hash) load();
