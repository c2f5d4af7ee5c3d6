// A sample file to download, with customers that the page has from the service. It can be dropped on the page to be
// scored.

import { writeRecord } from "./csv.js";
import { byId } from "./elements.js";

export function startSample() {
  const { names, rows } = JSON.parse(byId("list").dataset.sample);
  const lines = [names, ...rows].map((cells) => `${writeRecord(cells, ",")}\r\n`);
  byId("sample").href = URL.createObjectURL(new Blob(["\ufeff", ...lines], { type: "text/csv" })); // Excel needs the byte order mark
}
