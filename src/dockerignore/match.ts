import { cleanPath } from "./clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "./ignore-pattern.ts";
import { PatternError } from "./pattern-error.ts";
import { trimSpace } from "./trim-space.ts";

/** Decides which paths of a tree are excluded. Paths are entry paths: relative, clean, without a trailing `/`. */
export interface IgnoreMatcher {
  excludes(path: string): boolean;
  /**
   * Whether an exception may include something below an excluded directory. When not, the directory
   * need not be entered. May be true although nothing is included, but not the reverse.
   */
  mayContainIncluded(dir: string): boolean;
  /**
   * Whether docker transfers a path that is not excluded, but not its contents. Its client lists a context with `excludes`
   * and reads files with a second matcher, which consults every rule for every parent. The two disagree when a pattern is
   * repeated after an exception: `docs`, `!docs/a`, `docs`.
   */
  withholds(path: string): boolean;
}

interface Rule {
  pattern: IgnorePattern;
  /** `!`: includes what an earlier pattern excludes. */
  exception: boolean;
}

/** What the rules make of a path: the state of moby's `MatchesUsingParentResults`. */
interface Verdict {
  /** Per rule: 1 when it matches the path or was found to match a parent. */
  matches: Uint8Array;
  /** The last rule that matches; -1 when none does. */
  decider: number;
  /** Per rule: 1 when it matches the path or a parent, consulted or not. Only when `withholds` needs it. */
  allMatches: Uint8Array | undefined;
}

/** Directories whose verdicts are remembered before all are forgotten. */
const MAX_REMEMBERED = 2_000;

/**
 * Compiles the patterns of an ignore file, or of `COPY --exclude`.
 *
 * A path inherits the matches of its parent, and a rule is consulted only when it would change the result so far. So an
 * exception counts for what it names and for what is below that only when the directory it names was excluded before:
 * `!packages` does not include a `packages/.env` that the pattern `.env` at any depth excludes.
 *
 * @throws PatternError
 */
export function ignoreMatcher(patterns: readonly string[]): IgnoreMatcher {
  const rules = readRules(patterns);
  const byDirectory = new Map<string, Verdict>();
  const firstException = rules.findIndex(({ exception }) => exception);
  const canWithhold =
    firstException >= 0 && rules.some(({ exception }, at) => at > firstException && !exception);

  function verdictOnDirectory(dir: string): Verdict {
    const known = byDirectory.get(dir);
    if (known !== undefined) return known;
    const verdict = verdictOn(dir);
    if (byDirectory.size >= MAX_REMEMBERED) byDirectory.clear();
    byDirectory.set(dir, verdict);
    return verdict;
  }

  function verdictOn(path: string): Verdict {
    const parent = path.includes("/") ? verdictOnDirectory(parentOf(path)) : undefined;
    const inherited = parent?.matches;
    const matches = new Uint8Array(rules.length);
    let decider = -1;
    let excluded = false;
    for (const [index, { pattern, exception }] of rules.entries()) {
      if (inherited?.[index] !== 1 && (exception !== excluded || !pattern.matches(path))) continue;
      matches[index] = 1;
      decider = index;
      excluded = !exception;
    }
    return { matches, decider, allMatches: canWithhold ? allMatchesOf(path, parent?.allMatches) : undefined };
  }

  function allMatchesOf(path: string, inherited: Uint8Array | undefined): Uint8Array {
    const matches = inherited?.slice() ?? new Uint8Array(rules.length);
    for (const [index, { pattern }] of rules.entries()) {
      if (matches[index] === 0 && pattern.matches(path)) matches[index] = 1;
    }
    return matches;
  }

  return {
    excludes(path) {
      return rules[verdictOn(path).decider]?.exception === false;
    },
    mayContainIncluded(dir) {
      const { decider } = verdictOnDirectory(dir);
      if (rules[decider]?.exception !== false) return true;
      // Only a later exception can overrule the pattern that excludes the directory and with it all that it contains.
      return rules.some(
        ({ exception, pattern }, index) => index > decider && exception && pattern.couldMatchBelow(`${dir}/`),
      );
    },
    withholds(path) {
      if (!canWithhold) return false;
      const { allMatches } = verdictOn(path);
      return rules.findLast((_, index) => allMatches?.[index] === 1)?.exception === false;
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
