import type { Diagnostic } from "../../src/dockerfile/diagnostic.ts";

/** Faults for which BuildKit reports the line before the faulty one. */
const early = new Set(["parse/directive", "parse/line-too-long"]);

/**
 * The lines of a diagnostic in the form of BuildKit's recorded errors, one range per line. Where BuildKit reports the
 * line before the faulty one, the range is moved by one line to match the record.
 */
export function buildkitLines({ code, lines }: Diagnostic): [number, number][] {
  const shift = early.has(code) ? -1 : 0;
  const ranges: [number, number][] = [];
  for (let line = lines.start; line <= lines.end; line++) ranges.push([line + shift, line + shift]);
  return ranges;
}
