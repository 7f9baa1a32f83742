import { BakeError, type BakePosition } from "./error.ts";
import type { Value } from "./hcl/syntax.ts";

/** Maximum size of a bake or compose file, and of a file that one names, in bytes. */
const MAX_BYTES = 4 * 2 ** 20;
/** Maximum size of a value: its characters and elements, nested ones included, each occurrence counted. */
const MAX_SIZE = 4 * 2 ** 20;
/** Maximum work on all files together, in units of about ten nanoseconds. */
const MAX_WORK = 50_000_000;
/** Maximum time for all regular expressions, in milliseconds. */
const MAX_MATCHING = 5_000;

/** The files exceed a limit. `try` and `can` do not catch this error. */
export class BakeLimitError extends BakeError {
  override name = "BakeLimitError";
}

/** Bounds the work on bake files, which are untrusted: expressions can double a value with each line. */
export class BakeBudget {
  #work = MAX_WORK;
  #matching = MAX_MATCHING;
  readonly #sizes = new WeakMap<object, number>();

  /** Counts work. @throws {BakeLimitError} */
  spend(units: number, at?: BakePosition): void {
    this.#work -= units;
    if (!(this.#work >= 0))
      throw new BakeLimitError("The files need too much work: lists, texts or loops are too large", at);
  }

  /** Counts work on values, and `factor` units for each part of them. @throws {BakeLimitError} */
  spendOn(values: readonly Value[], factor: number, at: BakePosition): void {
    for (const value of values) this.spend(this.#sizeOf(value) * factor, at);
  }

  /** Checks the size of a value before it is created. @throws {BakeLimitError} */
  require(size: number, at?: BakePosition): void {
    if (!(size <= MAX_SIZE))
      throw new BakeLimitError(`A value is too large: at most ${MAX_SIZE} characters or elements`, at);
    this.spend(size, at);
  }

  /** Checks the size of a new value. @throws {BakeLimitError} */
  hold<V extends Value>(value: V, at: BakePosition): V {
    this.require(this.#sizeOf(value), at);
    return value;
  }

  /** Matches a regular expression. @param work receives the milliseconds that are left */
  match<T>(work: (milliseconds: number) => T, at: BakePosition): T {
    const start = performance.now();
    const result = work(Math.max(1, Math.ceil(this.#matching)));
    this.#matching -= performance.now() - start;
    if (this.#matching <= 0) throw new BakeLimitError("Regular expressions take too long", at);
    return result;
  }

  /** Each list and map is visited once, even if several values contain it. */
  #sizeOf(value: Value): number {
    if (typeof value === "string") return 1 + value.length;
    if (typeof value !== "object" || value === null) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    let size = 1;
    if (value instanceof Map) for (const [key, item] of value) size += key.length + 1 + this.#sizeOf(item);
    else for (const item of value as readonly Value[]) size += this.#sizeOf(item);
    this.#sizes.set(value, size);
    return size;
  }
}

/** Runs work on files. Reports an exhausted stack, or a text that is too long, as an error in the files. */
export function withinLimits<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const isStack = error.message.includes("call stack");
    throw new BakeLimitError(
      isStack ? "The files are nested too deeply" : `The files are too large: ${error.message}`,
    );
  }
}

/** @throws {BakeLimitError} */
export function requireSize(name: string, text: string): void {
  if (text.length > MAX_BYTES) throw new BakeLimitError(`${name} is larger than ${MAX_BYTES} bytes`);
}
