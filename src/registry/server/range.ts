/** What a Range header asks for of something of a known size. */
export type RangeAnswer =
  /** The whole, as if there were no header: none given, not understood, or several ranges. */
  | { kind: "whole" }
  | { kind: "part"; offset: number; length: number }
  /** Nothing of it exists: status 416. */
  | { kind: "unsatisfiable" };

const WHOLE: RangeAnswer = { kind: "whole" };
const UNSATISFIABLE: RangeAnswer = { kind: "unsatisfiable" };

/**
 * Reads a Range header (RFC 9110, 14.1.2): `bytes=0-99`, `bytes=100-`, `bytes=-100`. One whose end lies before its
 * start is unsatisfiable here: the conformance suite of distribution-spec wants 416 for it.
 */
export function parseRange(header: string | null, size: number): RangeAnswer {
  const match =
    header === null ? null : /^bytes\s*=\s*(?:(\d{1,15})\s*)?-\s*(\d{0,15})$/i.exec(header.trimEnd());
  if (match === null) return WHOLE;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return WHOLE;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? UNSATISFIABLE : { kind: "part", offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (offset >= size || end < offset) return UNSATISFIABLE;
  return { kind: "part", offset, length: end - offset + 1 };
}
