// Makes elements from texts. All that comes from a customer or a model gets into the page this way, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An HTML element with properties (never markup) and children, which are elements or texts. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** A fact of the page: its label, its figure and what the figure means. */
export const makeFact = (label, figure, meaning) =>
  make("div", {}, make("dt", {}, label), make("dd", {}, make("strong", {}, figure), make("span", { className: "hint" }, meaning)));

/** Fills a list with texts, and hides it without any. */
export function showList(id, texts) {
  byId(id).replaceChildren(...texts.map((text) => make("li", {}, text)));
  byId(id).hidden = texts.length === 0;
}

/** An SVG element with attributes. */
export function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}
