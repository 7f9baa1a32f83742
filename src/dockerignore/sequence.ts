import { type CharClass, classContains, unitsOf } from "./char-class.ts";
import { type Anchor, anchorHolds } from "./regexp-escape.ts";

/** One piece of a pattern, from left to right. */
export type Piece =
  | { kind: "text"; text: string }
  /** One character of a set; `?` is every character except `/`. */
  | { kind: "class"; set: CharClass }
  /** Any number of characters of a set; `*` is every character except `/`. */
  | { kind: "many"; set: CharClass }
  /** `**` before more: nothing, or anything that ends in `/`. */
  | { kind: "dirs" }
  /** `**` at the end of a pattern with other wildcards. */
  | { kind: "rest" }
  | { kind: "anchor"; anchor: Anchor };

/**
 * Matching keeps the ascending set of all positions of the path that the pieces so far can reach. Each piece computes
 * the next set in one pass over the path, so the time is at most the length of the pattern times that of the path.
 */
type Positions = number[];

/** Counts work in units of `spend`. */
export interface Meter {
  work: number;
}

/** Cost of a position, and of a piece. */
const POSITION = 4;
const PIECE = 32;

function costOf(piece: Piece, path: string, positions: Positions): number {
  if (piece.kind === "many") return PIECE + POSITION * (path.length + 1) * piece.set.ranges.length;
  const ranges = piece.kind === "class" ? piece.set.ranges.length : 1;
  return PIECE + POSITION * positions.length * ranges;
}

/** Whether the pieces match the whole of `path`. */
export function matchesWhole(pieces: readonly Piece[], path: string, meter: Meter): boolean {
  let positions: Positions = [0];
  for (const piece of pieces) {
    meter.work += costOf(piece, path, positions);
    positions = advance(piece, path, positions);
    if (positions.length === 0) return false;
  }
  return positions[positions.length - 1] === path.length;
}

/** Whether the pieces could match a longer path that begins with `path`. */
export function couldGoOn(pieces: readonly Piece[], path: string, meter: Meter): boolean {
  let positions: Positions = [0];
  for (const piece of pieces) {
    meter.work += costOf(piece, path, positions);
    if (positions[positions.length - 1] === path.length) return true;
    if (piece.kind === "dirs" || piece.kind === "rest") return true;
    if (piece.kind === "text" && positions.some((at) => piece.text.startsWith(path.slice(at)))) return true;
    if (piece.kind === "anchor") continue;
    positions = advance(piece, path, positions);
    if (positions.length === 0) return false;
    if (piece.kind === "many" && positions[positions.length - 1] === path.length) return true;
  }
  return false;
}

function advance(piece: Piece, path: string, positions: Positions): Positions {
  switch (piece.kind) {
    case "text":
      return keepAfter(positions, (at) =>
        path.startsWith(piece.text, at) ? at + piece.text.length : undefined,
      );
    case "class":
      return keepAfter(positions, (at) => {
        const codePoint = path.codePointAt(at);
        return codePoint !== undefined && classContains(piece.set, codePoint)
          ? at + unitsOf(codePoint)
          : undefined;
      });
    case "many":
      return reachAll(path, positions, (codePoint) => classContains(piece.set, codePoint));
    case "rest":
      return reachAll(path, positions, (codePoint) => codePoint !== LINE_FEED);
    case "dirs":
      return enterDirs(path, positions);
    case "anchor":
      return positions.filter((at) => anchorHolds(piece.anchor, path, at));
  }
}

function keepAfter(positions: Positions, step: (at: number) => number | undefined): Positions {
  const kept: Positions = [];
  for (const at of positions) {
    const next = step(at);
    if (next !== undefined) kept.push(next);
  }
  return kept;
}

const LINE_FEED = 0x0a;

/** All positions reachable over accepted characters. */
function reachAll(path: string, positions: Positions, accepts: (codePoint: number) => boolean): Positions {
  const reached: Positions = [];
  let done = -1;
  for (const start of positions) {
    if (start <= done) continue;
    let at = start;
    reached.push(at);
    while (at < path.length) {
      const codePoint = path.codePointAt(at) as number;
      if (!accepts(codePoint)) break;
      at += unitsOf(codePoint);
      reached.push(at);
    }
    done = at;
  }
  return reached;
}

/** The positions, and those after each later `/`, without crossing a line feed. */
function enterDirs(path: string, positions: Positions): Positions {
  const reached: Positions = [];
  let open = false;
  let given = 0;
  for (let at = positions[0] as number; at <= path.length; at++) {
    const isGiven = positions[given] === at;
    if (isGiven || (open && path[at - 1] === "/")) reached.push(at);
    if (isGiven) {
      open = true;
      while (positions[given] === at) given++;
    }
    if (path[at] === "\n") open = false;
  }
  return reached;
}
