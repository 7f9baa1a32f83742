/** The result of applying a Range header to content of a known size. */
type RangeResult =
  /** The whole content: there is no Range header, or it is invalid, or it has several ranges. */
  | { kind: "whole" }
  | { kind: "part"; offset: number; length: number }
  /** The range is outside the content: status 416. */
  | { kind: "unsatisfiable" };

const WHOLE: RangeResult = { kind: "whole" };
const UNSATISFIABLE: RangeResult = { kind: "unsatisfiable" };

/**
 * Parses a Range header (RFC 9110, 14.1.2): `bytes=0-99`, `bytes=100-`, `bytes=-100`. A range whose end is before its
 * start is unsatisfiable, because the conformance suite of distribution-spec requires 416.
 */
export function parseRange(header: string | null, size: number): RangeResult {
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
