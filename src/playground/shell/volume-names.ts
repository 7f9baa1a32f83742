/**
 * Maps volume names of the shell to those of the runner. The runner creates a volume on first use and removes it only
 * with its workspace. So a volume that is removed and created again gets a new name on the runner.
 */
export class VolumeNames {
  readonly #generations = new Map<string, number>();
  readonly #present = new Set<string>();
  readonly #store: (state: string) => void;

  /**
   * @param stored the parsed state that `store` received last
   * @param store called with the state as JSON after each change
   */
  constructor(stored: unknown, store: (state: string) => void) {
    this.#store = store;
    if (!Array.isArray(stored)) return;
    for (const [name, generation, isPresent] of stored as [string, number, boolean][]) {
      this.#generations.set(name, generation);
      if (isPresent) this.#present.add(name);
    }
  }

  get names(): string[] {
    return [...this.#present].sort();
  }

  /** Creates a volume if necessary and returns its name on the runner. */
  open(name: string): string {
    this.#present.add(name);
    this.#generations.set(name, this.#generations.get(name) ?? 1);
    this.#save();
    return this.peek(name) as string;
  }

  /** Returns the name of a volume on the runner; undefined when the volume does not exist. */
  peek(name: string): string | undefined {
    if (!this.#present.has(name)) return undefined;
    const generation = this.#generations.get(name) ?? 1;
    return generation === 1 ? name : `${name}.${generation}`;
  }

  /** @returns whether the volume existed */
  remove(name: string): boolean {
    if (!this.#present.delete(name)) return false;
    this.#generations.set(name, (this.#generations.get(name) ?? 1) + 1);
    this.#save();
    return true;
  }

  #save(): void {
    const all = [...this.#generations].map(([name, generation]) => [
      name,
      generation,
      this.#present.has(name),
    ]);
    this.#store(JSON.stringify(all));
  }
}
