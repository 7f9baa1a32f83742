import { type CharClass, classContains, readClass, unitsOf } from "./char-class.ts";
import { badPattern } from "./pattern-error.ts";
import type { Meter } from "./sequence.ts";

type GlobAtom = { kind: "char"; codePoint: number } | { kind: "any" } | { kind: "class"; set: CharClass };

/** The part of a pattern between two stars. */
interface GlobChunk {
  /** Whether at least one `*` precedes it. */
  afterStar: boolean;
  atoms: GlobAtom[];
}

/** A compiled pattern of Go's `filepath.Match`, as COPY and ADD use it. */
export interface Glob {
  /** Whether the pattern matches the whole of `name`. Linear in the length of the name for a given pattern. */
  matches(name: string, meter?: Meter): boolean;
}

/**
 * Compiles a pattern: `*` any characters except `/`, `?` one character except `/`, `[a-z]` and `[^a-z]` one character
 * inside or outside the class (`/` included), `\c` the character c.
 * @throws {PatternError} with code `BAD_PATTERN`
 */
export function compileGlob(pattern: string): Glob {
  const chunks = readChunks(pattern);
  return { matches: (name, meter = { work: 0 }) => matchChunks(chunks, name, meter) };
}

/** Whether a path of COPY or ADD is a pattern: it has an unescaped `*`, `?` or `[`. */
export function hasWildcard(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    const char = path[at];
    if (char === "\\") at++;
    else if (char === "*" || char === "?" || char === "[") return true;
  }
  return false;
}

function readChunks(pattern: string): GlobChunk[] {
  let chunk: GlobChunk = { afterStar: false, atoms: [] };
  const chunks = [chunk];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at];
    if (char === "*") {
      if (!chunk.afterStar || chunk.atoms.length > 0) {
        chunk = { afterStar: true, atoms: [] };
        chunks.push(chunk);
      }
      at++;
    } else if (char === "?") {
      chunk.atoms.push({ kind: "any" });
      at++;
    } else if (char === "[") {
      const read = readClass(pattern, at);
      if (read === undefined) throw badPattern(pattern);
      chunk.atoms.push({ kind: "class", set: read.set });
      at = read.next;
    } else {
      const start = char === "\\" ? at + 1 : at;
      const codePoint = pattern.codePointAt(start);
      if (codePoint === undefined) throw badPattern(pattern);
      chunk.atoms.push({ kind: "char", codePoint });
      at = start + unitsOf(codePoint);
    }
  }
  return chunks;
}

/**
 * A chunk has a fixed length, so each is placed at the first position where it matches and never moved again; only the
 * last one must reach the end of the name.
 */
function matchChunks(chunks: readonly GlobChunk[], name: string, meter: Meter): boolean {
  let at = 0;
  for (let index = 0; index < chunks.length; index++) {
    const { afterStar, atoms } = chunks[index] as GlobChunk;
    const last = index === chunks.length - 1;
    let end = matchAtoms(atoms, name, at, meter);
    if (afterStar) {
      while (end === undefined || (last && end !== name.length)) {
        const skipped = name.codePointAt(at);
        if (skipped === undefined || skipped === SLASH) return false;
        at += unitsOf(skipped);
        end = matchAtoms(atoms, name, at, meter);
      }
    }
    if (end === undefined) return false;
    at = end;
  }
  return at === name.length;
}

const SLASH = 0x2f;
/** Cost of comparing a character with a name. */
const ATOM = 4;

/** Position after the atoms when they match at `at`. */
function matchAtoms(
  atoms: readonly GlobAtom[],
  name: string,
  start: number,
  meter: Meter,
): number | undefined {
  let at = start;
  meter.work += ATOM;
  for (const atom of atoms) {
    meter.work += ATOM;
    const codePoint = name.codePointAt(at);
    if (codePoint === undefined) return undefined;
    if (atom.kind === "char" && codePoint !== atom.codePoint) return undefined;
    if (atom.kind === "any" && codePoint === SLASH) return undefined;
    if (atom.kind === "class" && !classContains(atom.set, codePoint)) return undefined;
    at += unitsOf(codePoint);
  }
  return at;
}
