// The page at /docs: fetches the document, with a key where the service wants one, and hands it to Swagger UI.

import { ask, forgetKey, keepKey, readKey } from "./key.js";

const api = document.getElementById("api");
const form = document.getElementById("key-form");
const field = document.getElementById("key");
const hint = document.getElementById("key-hint");
const message = document.getElementById("message");

async function load() {
  try {
    const answer = await ask(api.dataset.document);
    if (answer.status === 401) {
      askForKey();
    } else if (answer.ok) {
      show(await answer.json());
    } else {
      message.textContent = `The document can't be read: the service answered ${answer.status}.`;
    }
  } catch {
    message.textContent = "The document can't be read: the service does not answer.";
  }
}

function withKey(headers) {
  const key = readKey();
  return key && !headers.Authorization && !headers["X-API-Key"] ? { ...headers, "X-API-Key": key } : headers;
}

function askForKey() {
  if (readKey()) {
    hint.textContent = "This is none of the service's keys.";
    field.setAttribute("aria-invalid", "true");
    forgetKey();
  }
  message.textContent = "";
  form.hidden = false;
  field.focus();
}

function show(spec) {
  form.hidden = true;
  message.textContent = "";
  SwaggerUIBundle({
    spec,
    domNode: api,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    requestInterceptor: (request) => ({ ...request, headers: withKey(request.headers) }),
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
load();
