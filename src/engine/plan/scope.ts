import type { Variables } from "../../dockerfile/expand.ts";
import type { PatternWork } from "../../dockerfile/shell-pattern.ts";

/**
 * The variables of a stage at one instruction: ENV and ARG combined. Setting a variable again moves it to the end, as
 * in the environment of a BuildKit process.
 */
export class Scope implements Variables {
  #values: Map<string, string>;
  #entries: readonly (readonly [string, string])[] | undefined;
  /** Whether unknown variables may exist, because the base image could not be read. */
  readonly isOpen: boolean;
  readonly patternWork: PatternWork | undefined;

  constructor(values: Iterable<readonly [string, string]> = [], isOpen = false, patternWork?: PatternWork) {
    this.#values = new Map(values);
    this.isOpen = isOpen;
    this.patternWork = patternWork;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get size(): number {
    return this.#values.size;
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  set(name: string, value: string): void {
    this.#entries = undefined;
    this.#values.delete(name);
    this.#values.set(name, value);
  }

  delete(name: string): void {
    this.#entries = undefined;
    this.#values.delete(name);
  }

  /** All current variables; returns the same list until a variable is set. */
  entries(): readonly (readonly [string, string])[] {
    this.#entries ??= [...this.#values];
    return this.#entries;
  }

  copy(): Scope {
    return new Scope(this.#values, this.isOpen, this.patternWork);
  }
}
