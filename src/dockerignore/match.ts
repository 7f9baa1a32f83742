import { cleanPath } from "./clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "./ignore-pattern.ts";
import { PatternError } from "./pattern-error.ts";
import { trimSpace } from "./trim-space.ts";

/** Says which paths of a tree are left out. Paths are entry paths: relative, clean, without a trailing `/`. */
export interface IgnoreMatcher {
  /** Whether the last pattern that matches the path or one of its parents leaves it out. */
  excludes(path: string): boolean;
  /**
   * Whether something below an excluded directory may be let in again by an exception. When not, the directory
   * need not be entered. May say yes in vain, never no in error.
   */
  mayContainIncluded(dir: string): boolean;
}

interface Rule {
  pattern: IgnorePattern;
  /** `!`: lets in what an earlier pattern left out. */
  exception: boolean;
}

/** Directories whose matches are remembered before all are forgotten. */
const MAX_REMEMBERED = 2_000;

/**
 * Compiles the patterns of an ignore file, or of `COPY --exclude`.
 *
 * @throws PatternError
 */
export function ignoreMatcher(patterns: readonly string[]): IgnoreMatcher {
  const rules = readRules(patterns);
  const byDirectory = new Map<string, Uint8Array>();

  /** Per rule: does it match this directory or a parent of it? Files then only ask about themselves. */
  function matchesOf(dir: string): Uint8Array {
    const known = byDirectory.get(dir);
    if (known !== undefined) return known;
    const matches = dir.includes("/") ? matchesOf(parentOf(dir)).slice() : new Uint8Array(rules.length);
    for (let index = 0; index < rules.length; index++) {
      if (matches[index] === 0 && (rules[index] as Rule).pattern.matches(dir)) matches[index] = 1;
    }
    if (byDirectory.size >= MAX_REMEMBERED) byDirectory.clear();
    byDirectory.set(dir, matches);
    return matches;
  }

  /** The rule that decides about a path: the last that matches it. -1 when none does. */
  function decider(path: string): number {
    const parent = path.includes("/") ? matchesOf(parentOf(path)) : undefined;
    for (let index = rules.length - 1; index >= 0; index--) {
      if (parent?.[index] === 1 || (rules[index] as Rule).pattern.matches(path)) return index;
    }
    return -1;
  }

  return {
    excludes(path) {
      return rules[decider(path)]?.exception === false;
    },
    mayContainIncluded(dir) {
      const decided = decider(dir);
      if (rules[decided]?.exception !== false) return true;
      // Only a later exception can overrule the pattern that leaves out the directory and with it what it holds.
      return rules.some(
        ({ exception, pattern }, index) => index > decided && exception && pattern.couldMatchBelow(`${dir}/`),
      );
    },
  };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function readRules(patterns: readonly string[]): Rule[] {
  const rules: Rule[] = [];
  for (const line of patterns) {
    const trimmed = trimSpace(line);
    if (trimmed === "") continue;
    const clean = cleanPath(trimmed);
    if (clean === "!") {
      throw new PatternError("EMPTY_EXCEPTION", "an ignore pattern", 'illegal exclusion pattern: "!"');
    }
    const exception = clean.startsWith("!");
    rules.push({ pattern: compileIgnorePattern(exception ? clean.slice(1) : clean), exception });
  }
  return rules;
}
