import { addWork, atOnce } from "../streams/turns.ts";
import { cleanPath } from "./clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "./ignore-pattern.ts";
import { PatternError } from "./pattern-error.ts";
import type { Meter } from "./sequence.ts";
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
  /** `excludes` as work in pieces: see `inTurns`. */
  excluding(path: string): Generator<number, boolean, undefined>;
  /** `mayContainIncluded` as work in pieces. */
  letsInBelow(dir: string): Generator<number, boolean, undefined>;
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
  /** `!`: lets in what an earlier pattern left out. */
  exception: boolean;
}

/** Directories whose deciders are remembered before all are forgotten. */
const MAX_REMEMBERED = 50_000;
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
 * @throws PatternError
 */
export function ignoreMatcher(patterns: readonly string[], options: MatcherOptions = {}): IgnoreMatcher {
  const matcher = new Matcher(readRules(patterns), options);
  return {
    excludes: (path) => atOnce(matcher.excluding(path)),
    mayContainIncluded: (dir) => atOnce(matcher.letsInBelow(dir)),
    excluding: (path) => matcher.excluding(path),
    letsInBelow: (dir) => matcher.letsInBelow(dir),
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
  /** For a directory, the number of the last rule that matches it or a parent of it; -1 for none. */
  readonly #deciders = new Map<string, number>();
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
  }

  *excluding(path: string): Generator<number, boolean, undefined> {
    return this.#rules[yield* this.#decider(path)]?.exception === false;
  }

  *letsInBelow(dir: string): Generator<number, boolean, undefined> {
    const decided = yield* this.#decider(dir);
    if (this.#rules[decided]?.exception !== false) return true;
    // Only a later exception can overrule the pattern that leaves out the directory and with it what it holds.
    for (let at = this.#exceptions.length - 1; at >= 0; at--) {
      const number = this.#exceptions[at] as number;
      if (number < decided) return false;
      yield* this.#pay(RULE);
      if (this.#rules[number]?.pattern.couldMatchBelow(`${dir}/`, this.#meter)) return true;
    }
    return false;
  }

  /** The rule that decides about a path: the last that matches it or a parent. */
  *#decider(path: string): Generator<number, number, undefined> {
    // No file lies so deep, and the work would be the square of the depth.
    if (this.#rules.length === 0 || slashesOf(path) > MAX_DEPTH) return -1;
    // From the nearest parent that is known on down.
    let slash = path.lastIndexOf("/");
    let decider = -1;
    for (; slash >= 0; slash = path.lastIndexOf("/", slash - 1)) {
      const known = this.#deciders.get(path.slice(0, slash));
      yield* this.#pay(RULE + slash);
      if (known === undefined) {
        if (slash === 0) break;
        continue;
      }
      decider = known;
      break;
    }
    for (let end = path.indexOf("/", slash + 1); end >= 0; end = path.indexOf("/", end + 1)) {
      const dir = path.slice(0, end);
      decider = yield* this.#lastMatch(dir, decider);
      if (this.#deciders.size >= MAX_REMEMBERED) this.#deciders.clear();
      this.#deciders.set(dir, decider);
    }
    return yield* this.#lastMatch(path, decider);
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
