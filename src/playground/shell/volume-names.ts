/**
 * Names of volumes. A volume is made when a container first uses it, and the runner removes it with its workspace, so a
 * volume that is removed and made again is another one of the runner, under the same name in the shell.
 */
export class VolumeNames {
  readonly #generations = new Map<string, number>();
  readonly #present = new Set<string>();
  readonly #keep: (kept: string) => void;

  /** @param kept what `keep` received before */
  constructor(kept: string | undefined, keep: (kept: string) => void) {
    this.#keep = keep;
    try {
      for (const [name, generation, isPresent] of JSON.parse(kept ?? "[]") as [string, number, boolean][]) {
        this.#generations.set(name, generation);
        if (isPresent) this.#present.add(name);
      }
    } catch {
      // What was kept is not readable: the volumes have new names.
    }
  }

  get names(): string[] {
    return [...this.#present].sort();
  }

  /** The runner's name of a volume, which exists from now on. */
  open(name: string): string {
    this.#present.add(name);
    this.#generations.set(name, this.#generations.get(name) ?? 1);
    this.#save();
    return this.peek(name) as string;
  }

  /** The runner's name of a volume; undefined when there is none. */
  peek(name: string): string | undefined {
    if (!this.#present.has(name)) return undefined;
    const generation = this.#generations.get(name) ?? 1;
    return generation === 1 ? name : `${name}.${generation}`;
  }

  /** @returns whether there was one */
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
    this.#keep(JSON.stringify(all));
  }
}
