// Marks the customer's place on the curves of numbers.

import { byId } from "./elements.js";

const NEAR = 0.0005; // the precision of the picture's points, in its units

/** Marks each reason's value on the curve of its field, if there is one. A curve without a reason has no mark. */
export function markCurves(reasons, form) {
  const values = new Map(reasons.map(({ field, value }) => [field, value]));
  for (const [name, { id }] of form.controls) {
    const curve = byId(`${id}-curve`);
    if (curve) mark(curve, values.get(name));
  }
}

/** Marks a number by a point of the curve and a bar from the average to it, and a blank, "", by a line of its own. */
function mark(curve, value) {
  const isNumber = typeof value === "number";
  for (const line of curve.querySelectorAll(".effect, .here")) line.toggleAttribute("hidden", !isNumber);
  curve.querySelector(".blank")?.toggleAttribute("hidden", value !== "");
  if (!isNumber) return;
  const { x, y } = findPoint(curve, value);
  const [effect, here] = [curve.querySelector(".effect"), curve.querySelector(".here")];
  place(effect, { x1: x, x2: x, y2: y });
  place(here, { x1: x, x2: x, y1: y, y2: y });
  effect.classList.toggle("more", y < Number(effect.getAttribute("y1")));
}

/** The point of a number on the curve. The curve is flat beyond its ends; at a jump the piece on the right counts. */
function findPoint(curve, number) {
  const { lowest, highest } = curve.dataset;
  const share = (number - lowest) / (highest - lowest);
  const x = Math.min(Math.max(share, 0), 1) * curve.viewBox.baseVal.width;
  const points = [...curve.querySelector("polyline").points];
  const next = points.findIndex((point) => point.x > x + NEAR);
  const [left, right] = next > 0 ? [points[next - 1], points[next]] : [points.at(-1), points.at(-1)];
  const part = right.x > left.x ? Math.max(x - left.x, 0) / (right.x - left.x) : 0;
  return { x, y: left.y + (right.y - left.y) * part };
}

function place(line, ends) {
  for (const [name, number] of Object.entries(ends)) line.setAttribute(name, number);
}
