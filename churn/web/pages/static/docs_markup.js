// What Swagger UI's markup lacks for a keyboard or a screen reader: names, levels of headings, a stop at what scrolls.

/** Gives what Swagger UI has drawn into `root` the attributes that it lacks. */
export function mendMarkup(root) {
  for (const control of root.querySelectorAll(":is(input, select, textarea):not([aria-label])")) {
    control.ariaLabel = wordControl(control);
  }
  for (const heading of root.querySelectorAll("main :is(h3, h4, h5):not([aria-level])")) {
    heading.ariaLevel = heading.localName[1] - 1; // it has no h2
  }
  for (const wrapper of root.querySelectorAll("div.copy-to-clipboard[aria-label]")) {
    wrapper.removeAttribute("aria-label"); // its button has the same
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
