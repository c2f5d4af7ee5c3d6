// Adds what Swagger UI's markup lacks for keyboards and screen readers: labels, heading levels, a Tab stop at
// scrolling blocks.

/** Adds the missing attributes to the elements that Swagger UI has drawn into `root`. */
export function mendMarkup(root) {
  for (const control of root.querySelectorAll(":is(input, select, textarea):not([aria-label])")) {
    control.ariaLabel = wordControl(control);
  }
  for (const heading of root.querySelectorAll("main :is(h3, h4, h5):not([aria-level])")) {
    heading.ariaLevel = heading.localName[1] - 1; // Swagger UI has no h2
  }
  for (const wrapper of root.querySelectorAll("div.copy-to-clipboard[aria-label]")) {
    wrapper.removeAttribute("aria-label"); // its button has the same label
  }
  for (const code of root.querySelectorAll("pre:is(.curl, .microlight):not([tabindex])")) {
    code.tabIndex = 0;
  }
  root.querySelector(".information-container section")?.setAttribute("aria-label", "About the service");
}

function wordControl(control) {
  const name = control.closest("[data-param-name]")?.dataset.paramName ?? "Request body";
  return control.matches(".examples-select-element") ? `Examples: ${name}` : name;
}
