import { widthOf } from "./terminal/width.ts";
import { plainLine } from "./terminal-text.ts";

/** Rows under their titles, as docker writes tables: columns three blanks apart, nothing cut. */
export function tableText(titles: readonly string[], contents: readonly (readonly string[])[]): string {
  const rows = contents.map((row) => row.map(plainLine));
  const widths = titles.map((title, i) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ""))),
  );
  return [titles, ...rows]
    .map((row) => {
      const cells = row.map((cell, i) => cell + " ".repeat((widths[i] as number) - widthOf(cell)));
      return `${cells.join("   ").trimEnd()}\n`;
    })
    .join("");
}
