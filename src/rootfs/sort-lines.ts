import { sortNumbers } from "../streams/sort.ts";
import type { LineStore } from "./line-store.ts";
import { compareRawPaths, rawPath } from "./raw-path.ts";

/** Lines compared before other work may run. */
export const LINES_PER_PIECE = 2048;
/** Cost of a line besides the bytes of its path. */
export const LINE = 64;

/** Sorts line numbers by path, in place. Works in pieces: see `inTurns`. */
export function sortLines(
  lines: LineStore,
  order: Uint32Array<ArrayBuffer>,
): Generator<number, void, undefined> {
  const meter = { work: 0 };
  const compare = (a: number, b: number) => {
    const [left, right] = [rawPath(lines, a), rawPath(lines, b)];
    meter.work += 2 * LINE + left.to - left.from + right.to - right.from;
    return compareRawPaths(left, right);
  };
  return sortNumbers(order, compare, meter);
}
