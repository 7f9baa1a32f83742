import { addWork, atOnce } from "../streams/turns.ts";
import { trim } from "../streams/white-space.ts";
import { cleanPath } from "./clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "./ignore-pattern.ts";
import { PatternError } from "./pattern-error.ts";
import type { Meter } from "./sequence.ts";

/** Decides which paths of a tree are excluded. Paths are entry paths: relative, clean, without a trailing `/`. */
export interface IgnoreMatcher {
  excludes(path: string): boolean;
  /** `excludes`, working in pieces: see `inTurns`. */
  excluding(path: string): Generator<number, boolean, undefined>;
  /**
   * Whether an exception may include something below an excluded directory; if not, the directory can be skipped. May
   * return true in vain, but never false wrongly. Works in pieces.
   */
  letsInBelow(dir: string): Generator<number, boolean, undefined>;
  /**
   * Whether docker transfers an included path without its contents. Its client lists a context with `excludes`, but
   * reads files with a second matcher, which evaluates every rule for every parent. The two disagree when a pattern is
   * repeated after an exception: `docs`, `!docs/a`, `docs`. Works in pieces.
   */
  withholding(path: string): Generator<number, boolean, undefined>;
}

export interface MatcherOptions {
  /**
   * Limit of the total work, in units of `spend`: comparing a few patterns of stars with many paths can take hours.
   * Unlimited by default.
   */
  maxWork?: number;
}

/** Work on an ignore file that a server accepts: some seconds. */
export const MAX_WORK = 2 ** 31;

interface Rule {
  pattern: IgnorePattern;
  /** `!`: includes paths that an earlier pattern excludes. */
  exception: boolean;
}

/** Maximum number of directories with cached matches; then the cache is cleared. */
const MAX_REMEMBERED = 50_000;
/** Maximum number of rule numbers in the cache. */
const MAX_NUMBERS = 1_000_000;
/** Deepest path of a context. */
const MAX_DEPTH = 512;
/** Cost of comparing a pattern with a path, besides that of its wildcards. */
const RULE = 16;
/** Cost of compiling a pattern. */
const COMPILING = 2048;
/** Size of a piece of work. */
const PIECE = 2 ** 16;

/**
 * Compiles the patterns of an ignore file, or of `COPY --exclude`. The matcher throws `PatternError` with code
 * `TOO_MUCH_WORK` beyond `maxWork`.
 * Like moby's `MatchesUsingParentResults`: a path inherits the matches of its parent, and a rule is evaluated only when
 * it could change the result. So an exception applies to the path it names, and below it only when that directory was
 * excluded before: `!packages` does not include a `packages/.env` that a pattern for `.env` excludes.
 * @throws {PatternError}
 */
export function ignoreMatcher(patterns: readonly string[], options: MatcherOptions = {}): IgnoreMatcher {
  return new Matcher(readRules(patterns), options);
}

class Matcher implements IgnoreMatcher {
  readonly #rules: readonly Rule[];
  readonly #maxWork: number;
  /**
   * Ascending rule numbers: those that match only one path, those that match only one name, and those for paths with a
   * number of slashes.
   */
  readonly #byPath = new Map<string, number[]>();
  readonly #byName = new Map<string, number[]>();
  readonly #bySlashes = new Map<number, number[]>();
  readonly #others: number[] = [];
  readonly #exceptions: number[] = [];
  /** By directory, the numbers of the evaluated rules that match it or a parent. */
  readonly #matches = new Map<string, readonly number[]>();
  /** By directory, the number of the last rule that matches it or a parent, evaluated or not; -1 for none. */
  readonly #lastMatches = new Map<string, number>();
  /** Total length of the lists in `#matches`. */
  #numbers = 0;
  /** Whether a rule that is not an exception follows an exception. */
  readonly #canWithhold: boolean;
  readonly #meter: Meter = { work: 0 };
  /** Work that was already yielded. */
  #yielded = 0;

  constructor(rules: readonly Rule[], { maxWork = Number.POSITIVE_INFINITY }: MatcherOptions) {
    this.#rules = rules;
    this.#maxWork = maxWork;
    for (const [number, { pattern, exception }] of rules.entries()) {
      const { of } = pattern;
      if (of.kind === "path") add(this.#byPath, of.path, number);
      else if (of.kind === "name") add(this.#byName, of.name, number);
      else if (of.kind === "depth") add(this.#bySlashes, of.slashes, number);
      else this.#others.push(number);
      if (exception) this.#exceptions.push(number);
    }
    const [first = rules.length] = this.#exceptions;
    this.#canWithhold = rules.some(({ exception }, number) => number > first && !exception);
  }

  excludes(path: string): boolean {
    return atOnce(this.excluding(path));
  }

  *excluding(path: string): Generator<number, boolean, undefined> {
    return this.#excludes((yield* this.#matchesOf(path)).at(-1));
  }

  *letsInBelow(dir: string): Generator<number, boolean, undefined> {
    const decider = (yield* this.#matchesOf(dir)).at(-1);
    if (!this.#excludes(decider)) return true;
    // Only a later exception can override the pattern that excludes the directory with all its contents.
    for (let at = this.#exceptions.length - 1; at >= 0; at--) {
      const number = this.#exceptions[at] as number;
      if (number < (decider ?? -1)) return false;
      yield* this.#pay(RULE);
      if (this.#rules[number]?.pattern.couldMatchBelow(`${dir}/`, this.#meter)) return true;
    }
    return false;
  }

  *withholding(path: string): Generator<number, boolean, undefined> {
    return this.#canWithhold && this.#excludes(yield* this.#lastMatchOf(path));
  }

  #excludes(decider: number | undefined): boolean {
    return this.#rules[decider ?? -1]?.exception === false;
  }

  /** The evaluated rules that match a path or a parent. The last one decides. */
  *#matchesOf(path: string): Generator<number, readonly number[], undefined> {
    return yield* this.#fromParents(path, this.#matches, [], (at, above) => this.#consult(at, above));
  }

  /** The last rule that matches a path or a parent, evaluated or not. */
  *#lastMatchOf(path: string): Generator<number, number, undefined> {
    return yield* this.#fromParents(path, this.#lastMatches, -1, (at, above) => this.#lastMatch(at, above));
  }

  /** Computes a property of a path from that of its parent, starting at the nearest parent with a known value. */
  *#fromParents<T>(
    path: string,
    known: Map<string, T>,
    none: T,
    next: (path: string, above: T) => Generator<number, T, undefined>,
  ): Generator<number, T, undefined> {
    // No file is so deep, and the work would be quadratic in the depth.
    if (this.#rules.length === 0 || slashesOf(path) > MAX_DEPTH) return none;
    let slash = path.lastIndexOf("/");
    let above = none;
    for (; slash >= 0; slash = path.lastIndexOf("/", slash - 1)) {
      const found = known.get(path.slice(0, slash));
      yield* this.#pay(RULE + slash);
      if (found !== undefined) {
        above = found;
        break;
      }
      if (slash === 0) break;
    }
    for (let end = path.indexOf("/", slash + 1); end >= 0; end = path.indexOf("/", end + 1)) {
      const dir = path.slice(0, end);
      above = yield* next(dir, above);
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(dir, above);
      this.#forget();
    }
    return yield* next(path, above);
  }

  /** The matching rules, given the `inherited` ones of the parent. */
  *#consult(path: string, inherited: readonly number[]): Generator<number, readonly number[], undefined> {
    yield* this.#pay(RULE + path.length);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const certain = [this.#byPath.get(path) ?? [], this.#byName.get(name) ?? []];
    const possible = [this.#bySlashes.get(slashesOf(path)) ?? [], this.#others];
    const lists = [inherited, ...certain, ...possible];
    const cursors = lists.map(() => 0);
    const lastException = this.#exceptions.at(-1) ?? -1;
    const matches: number[] = [];
    let isExcluded = false;
    for (;;) {
      let list = -1;
      let number = Number.POSITIVE_INFINITY;
      for (const [index, numbers] of lists.entries()) {
        const head = numbers[cursors[index] as number];
        if (head === undefined || head >= number) continue;
        number = head;
        list = index;
      }
      // The remaining rules cannot change the result.
      if (list < 0 || (isExcluded && number > lastException)) break;
      for (const [index, numbers] of lists.entries()) {
        if (numbers[cursors[index] as number] === number) cursors[index] = (cursors[index] as number) + 1;
      }
      yield* this.#pay(RULE);
      const { exception, pattern } = this.#rules[number] as Rule;
      if (list > 0) {
        if (exception !== isExcluded) continue;
        if (list > certain.length && !pattern.matches(path, this.#meter)) continue;
      }
      matches.push(number);
      isExcluded = !exception;
    }
    for (let at = cursors[0] as number; at < inherited.length; at++) matches.push(inherited[at] as number);
    if (matches.length === inherited.length) return inherited;
    this.#numbers += matches.length;
    yield* this.#pay(matches.length);
    return matches;
  }

  /** Clears the cache when its lists become too long: many rules may match many directories. */
  #forget(): void {
    if (this.#numbers < MAX_NUMBERS) return;
    this.#numbers = 0;
    this.#matches.clear();
  }

  /** The last rule after `previous` that matches the path itself; `previous` when there is none. */
  *#lastMatch(path: string, previous: number): Generator<number, number, undefined> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    let last = Math.max(previous, this.#byPath.get(path)?.at(-1) ?? -1, this.#byName.get(name)?.at(-1) ?? -1);
    yield* this.#pay(RULE + path.length);
    for (const numbers of [this.#bySlashes.get(slashesOf(path)) ?? [], this.#others]) {
      for (let at = numbers.length - 1; at >= 0; at--) {
        const number = numbers[at] as number;
        if (number <= last) break;
        yield* this.#pay(RULE);
        if (!this.#rules[number]?.pattern.matches(path, this.#meter)) continue;
        last = number;
        break;
      }
    }
    return last;
  }

  *#pay(work: number): Generator<number, void, undefined> {
    this.#meter.work += work;
    const pending = this.#meter.work - this.#yielded;
    if (pending < PIECE) return;
    if (this.#meter.work > this.#maxWork)
      throw new PatternError(
        "TOO_MUCH_WORK",
        "the patterns",
        "comparing so many of them with so many paths takes too long",
      );
    this.#yielded = this.#meter.work;
    yield pending;
  }
}

function add<K>(map: Map<K, number[]>, key: K, number: number): void {
  const numbers = map.get(key);
  if (numbers === undefined) map.set(key, [number]);
  else numbers.push(number);
}

function slashesOf(path: string): number {
  let count = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) count++;
  return count;
}

function readRules(patterns: readonly string[]): Rule[] {
  const rules: Rule[] = [];
  for (const line of patterns) {
    const trimmed = trim(line);
    if (trimmed === "") continue;
    const clean = cleanPath(trimmed);
    if (clean === "!") {
      throw new PatternError("EMPTY_EXCEPTION", "an ignore pattern", 'illegal exclusion pattern: "!"');
    }
    const exception = clean.startsWith("!");
    addWork(COMPILING);
    rules.push({ pattern: compileIgnorePattern(exception ? clean.slice(1) : clean), exception });
  }
  return rules;
}
