import { splitKeyValue } from "../../streams/cut.ts";
/** The `NAME=value` entries of an image config, in the order in which the names first appeared. */
export class EnvironmentList {
  #entries: string[];
  #positions = new Map<string, number>();

  constructor(entries: readonly string[] = []) {
    this.#entries = [...entries];
    for (const [index, entry] of entries.entries()) {
      const name = splitKeyValue(entry)[0];
      if (!this.#positions.has(name)) this.#positions.set(name, index);
    }
  }

  has(name: string): boolean {
    return this.#positions.has(name);
  }

  /** Replaces the first entry of that name in its place, or adds one. */
  set(name: string, value: string): void {
    const position = this.#positions.get(name);
    if (position === undefined) this.#positions.set(name, this.#entries.push(`${name}=${value}`) - 1);
    else this.#entries[position] = `${name}=${value}`;
  }

  /** All names with their values; an entry without `=` has an empty value. */
  pairs(): [name: string, value: string][] {
    return this.#entries.map(splitKeyValue);
  }

  entries(): readonly string[] {
    return this.#entries;
  }

  copy(): EnvironmentList {
    return new EnvironmentList(this.#entries);
  }
}
