import type { LineStore } from "./line-store.ts";
import { isHardLink, isRawPathBelow, isWhiteout, type RawPath, rawPath } from "./raw-path.ts";
import type { TableParts } from "./table-patch.ts";

/** Cost of a line besides the bytes of its path, and the size of a piece of work. */
const LINE = 128;
const PIECE = 1 << 18;

/** Computes the number of lines below each entry, and finds whiteouts and hard links. Works in pieces: see `inTurns`. */
export function* measureTable(
  lines: LineStore,
): Generator<number, Pick<TableParts, "spans" | "hasWhiteouts" | "hardLinks">, undefined> {
  const spans = new Uint32Array(lines.count);
  /** Nested lines whose end is not known yet. */
  const open: { number: number; path: RawPath }[] = [];
  let hasWhiteouts = false;
  const hardLinks: number[] = [];
  let cost = 0;
  for (let number = 0; number < lines.count; number++) {
    const path = rawPath(lines, number);
    cost += LINE + path.to - path.from;
    if (cost > PIECE) {
      yield cost;
      cost = 0;
    }
    for (let top = open.at(-1); top !== undefined && !isRawPathBelow(path, top.path); top = open.at(-1)) {
      spans[top.number] = number - top.number;
      open.pop();
    }
    hasWhiteouts ||= isWhiteout(path);
    if (isHardLink(path)) hardLinks.push(number);
    open.push({ number, path });
  }
  for (const { number } of open) spans[number] = lines.count - number;
  return { spans, hasWhiteouts, hardLinks };
}
