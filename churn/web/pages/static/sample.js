// A sample file to download, made of customers that the service gives: dropped on the page again it is scored.

import { writeRecord } from "./csv.js";
import { byId } from "./elements.js";

export function startSample() {
  const { names, rows } = JSON.parse(byId("list").dataset.sample);
  const lines = [names, ...rows].map((cells) => `${writeRecord(cells, ",")}\r\n`);
  byId("sample").href = URL.createObjectURL(new Blob(["\ufeff", ...lines], { type: "text/csv" })); // Excel wants the mark
}
