import type { Diagnostic } from "../../src/dockerfile/diagnostic.ts";

/** Faults that BuildKit places one line above the line they are on: it had not counted that line yet. */
const early = new Set(["parse/directive", "parse/line-too-long"]);

/**
 * The lines of a diagnostic in the form of BuildKit's recorded errors, one range per line. Where BuildKit names the
 * line before the faulty one, this project names the faulty line, and so here the difference is taken away.
 */
export function buildkitLines({ code, lines }: Diagnostic): [number, number][] {
  const shift = early.has(code) ? -1 : 0;
  const ranges: [number, number][] = [];
  for (let line = lines.start; line <= lines.end; line++) ranges.push([line + shift, line + shift]);
  return ranges;
}
