import { compileGlob, type Glob } from "../../../dockerignore/glob.ts";
import { PatternError } from "../../../dockerignore/pattern-error.ts";
import type { Meter } from "../../../dockerignore/sequence.ts";

/** Whether a pattern matches a path, relative to the directory of the pattern. */
export type PathPattern = (path: string, meter: Meter) => boolean;

/** Cost of one position of a name. */
const POSITION = 8;
/** Deepest path that is matched. */
const MAX_DEPTH = 256;

/**
 * Compiles a pattern of `.gitattributes` (gitignore(5), "Pattern format"): without `/` it matches names at any depth,
 * otherwise paths, where `**` matches any number of directories. Undefined for a pattern that matches no file.
 */
export function compilePathPattern(pattern: string): PathPattern | undefined {
  if (pattern.endsWith("/")) return undefined;
  try {
    if (!pattern.includes("/")) {
      const glob = compile(pattern);
      return (path, meter) => glob.matches(path.slice(path.lastIndexOf("/") + 1), meter);
    }
    const parts = pattern.replace(/^\//, "").split("/");
    if (parts.length > MAX_DEPTH) return undefined;
    const globs = parts.map((part) => (part === "**" ? undefined : compile(part)));
    return (path, meter) => matches(globs, path.split("/"), meter);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** Git also negates a class with `!`. */
function compile(part: string): Glob {
  return compileGlob(part.replace(/\\.|\[!/gs, (found) => (found === "[!" ? "[^" : found)));
}

/** An undefined glob means `**`. Linear in the product of the lengths. */
function matches(globs: readonly (Glob | undefined)[], names: readonly string[], meter: Meter): boolean {
  // reached[i]: the globs so far match the first i names.
  let reached = names.map(() => false);
  reached.unshift(true);
  for (const [index, glob] of globs.entries()) {
    meter.work += POSITION * reached.length;
    const next = reached.map(() => false);
    const isLast = index === globs.length - 1;
    for (let i = 0; i <= names.length; i++) {
      if (glob !== undefined)
        next[i] = i > 0 && reached[i - 1] === true && glob.matches(names[i - 1] as string, meter);
      // A final `/**` matches everything inside, but not the directory itself.
      else if (isLast) next[i] = i > 0 && (next[i - 1] === true || reached[i - 1] === true);
      else next[i] = reached[i] === true || (i > 0 && next[i - 1] === true);
    }
    reached = next;
  }
  return reached[names.length] === true;
}
