// Elements out of text: the only way in which anything of a customer or a model gets into the page.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An HTML element with properties (never markup) and children, which are elements or texts. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** One of a page's facts: what it is, its figure, and what that means. */
export const makeFact = (label, figure, meaning) =>
  make("div", {}, make("dt", {}, label), make("dd", {}, make("strong", {}, figure), make("span", { className: "hint" }, meaning)));

/** Fills a list with texts; without any it is not shown. */
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
