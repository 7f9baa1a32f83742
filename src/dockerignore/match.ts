import { addWork, atOnce } from "../streams/turns.ts";
import { cleanPath } from "./clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "./ignore-pattern.ts";
import { PatternError } from "./pattern-error.ts";
import type { Meter } from "./sequence.ts";
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
  /** `excludes` as work in pieces: see `inTurns`. */
  excluding(path: string): Generator<number, boolean, undefined>;
  /** `mayContainIncluded` as work in pieces. */
  letsInBelow(dir: string): Generator<number, boolean, undefined>;
  /** `withholds` as work in pieces. */
  withholding(path: string): Generator<number, boolean, undefined>;
}

export interface MatcherOptions {
  /**
   * Work that all questions together may take, in units of `spend`: a few patterns of stars, each held against many
   * paths, take hours. Default: any.
   */
  mostWork?: number;
}

/** Work on an ignore file that a server accepts: some seconds. */
export const MOST_WORK = 2 ** 31;

interface Rule {
  pattern: IgnorePattern;
  /** `!`: includes what an earlier pattern excludes. */
  exception: boolean;
}

/** Directories whose matches are remembered before all are forgotten. */
const MAX_REMEMBERED = 50_000;
/** Numbers of rules that are remembered of directories. */
const MAX_NUMBERS = 1_000_000;
/** Directories above a file that a context can have. */
const MAX_DEPTH = 512;
/** What it costs to hold a pattern against a path, besides what its wildcards cost. */
const RULE = 16;
/** What it costs to compile a pattern. */
const COMPILING = 2048;
/** Work of a piece. */
const PIECE = 2 ** 16;

/**
 * Compiles the patterns of an ignore file, or of `COPY --exclude`. Asking throws `PatternError` with code
 * `TOO_MUCH_WORK` beyond `mostWork`.
 *
 * As moby's `MatchesUsingParentResults`: a path inherits the matches of its parent, and a rule is consulted only when it
 * would change the result so far. So an exception counts for what it names, and for what is below that only when the
 * directory it names was excluded before: `!packages` does not include a `packages/.env` that a pattern for `.env` excludes.
 *
 * @throws PatternError
 */
export function ignoreMatcher(patterns: readonly string[], options: MatcherOptions = {}): IgnoreMatcher {
  const matcher = new Matcher(readRules(patterns), options);
  return {
    excludes: (path) => atOnce(matcher.excluding(path)),
    mayContainIncluded: (dir) => atOnce(matcher.letsInBelow(dir)),
    withholds: (path) => atOnce(matcher.withholding(path)),
    excluding: (path) => matcher.excluding(path),
    letsInBelow: (dir) => matcher.letsInBelow(dir),
    withholding: (path) => matcher.withholding(path),
  };
}

class Matcher {
  readonly #rules: readonly Rule[];
  readonly #mostWork: number;
  /** Numbers of rules, rising: those that match one path, or one name, alone; those of paths with so many slashes. */
  readonly #byPath = new Map<string, number[]>();
  readonly #byName = new Map<string, number[]>();
  readonly #bySlashes = new Map<number, number[]>();
  readonly #others: number[] = [];
  readonly #exceptions: number[] = [];
  /** For a directory, the numbers of the rules that were consulted and match it, or a parent of it. */
  readonly #matches = new Map<string, readonly number[]>();
  /** For a directory, the number of the last rule that matches it or a parent of it, consulted or not; -1 for none. */
  readonly #lastMatches = new Map<string, number>();
  /** Numbers in the lists of `#matches`, at most. */
  #numbers = 0;
  /** A rule that is no exception comes after one that is. */
  readonly #canWithhold: boolean;
  readonly #meter: Meter = { work: 0 };
  /** Work that was yielded. */
  #told = 0;

  constructor(rules: readonly Rule[], { mostWork = Number.POSITIVE_INFINITY }: MatcherOptions) {
    this.#rules = rules;
    this.#mostWork = mostWork;
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

  *excluding(path: string): Generator<number, boolean, undefined> {
    return this.#excludes((yield* this.#matchesOf(path)).at(-1));
  }

  *letsInBelow(dir: string): Generator<number, boolean, undefined> {
    const decider = (yield* this.#matchesOf(dir)).at(-1);
    if (!this.#excludes(decider)) return true;
    // Only a later exception can overrule the pattern that excludes the directory and with it all that it contains.
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

  /** The rules that were consulted and match a path or a parent of it. The last one decides. */
  *#matchesOf(path: string): Generator<number, readonly number[], undefined> {
    return yield* this.#fromParents(path, this.#matches, [], (at, above) => this.#consult(at, above));
  }

  /** The last rule that matches a path or a parent, consulted or not. */
  *#lastMatchOf(path: string): Generator<number, number, undefined> {
    return yield* this.#fromParents(path, this.#lastMatches, -1, (at, above) => this.#lastMatch(at, above));
  }

  /** Computes something of a path from that of its parent, from the nearest parent of which it is known on down. */
  *#fromParents<T>(
    path: string,
    known: Map<string, T>,
    none: T,
    next: (path: string, above: T) => Generator<number, T, undefined>,
  ): Generator<number, T, undefined> {
    // No file lies so deep, and the work would be the square of the depth.
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

  /** The rules that match, when those that match the parent are `inherited`. */
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
      // From here on, nothing is consulted.
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

  /** Bounds the memory of lists of rules: many rules may match many directories. */
  #forget(): void {
    if (this.#numbers < MAX_NUMBERS) return;
    this.#numbers = 0;
    this.#matches.clear();
  }

  /** The last rule after `least` that matches the path itself; `least` when there is none. */
  *#lastMatch(path: string, least: number): Generator<number, number, undefined> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    let last = Math.max(least, this.#byPath.get(path)?.at(-1) ?? -1, this.#byName.get(name)?.at(-1) ?? -1);
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
    const untold = this.#meter.work - this.#told;
    if (untold < PIECE) return;
    if (this.#meter.work > this.#mostWork)
      throw new PatternError(
        "TOO_MUCH_WORK",
        "the patterns",
        "comparing so many of them with so many paths takes too long",
      );
    this.#told = this.#meter.work;
    yield untold;
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
    const trimmed = trimSpace(line);
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
