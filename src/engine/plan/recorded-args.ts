/** Build arguments that record which names were read: the others do not affect the result. */
export class RecordedArgs extends Map<string, string> {
  readonly #used = new Set<string>();

  get used(): ReadonlySet<string> {
    return this.#used;
  }

  override get(name: string): string | undefined {
    if (super.has(name)) this.#used.add(name);
    return super.get(name);
  }

  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}
