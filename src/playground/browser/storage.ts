/** Texts that the browser stores by name. Where the browser blocks storage, nothing is stored. */
class BrowserStorage {
  readonly #storage: () => Storage;

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  read(name: string): string | undefined {
    try {
      return this.#storage().getItem(`varve.${name}`) ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Reads a value that was stored as JSON; undefined when it is missing or invalid. */
  readJson(name: string): unknown {
    try {
      return JSON.parse(this.read(name) ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** @returns whether the text was stored: private windows may refuse */
  store(name: string, value: string | undefined): boolean {
    try {
      if (value === undefined) this.#storage().removeItem(`varve.${name}`);
      else this.#storage().setItem(`varve.${name}`, value);
      return true;
    } catch {
      return false;
    }
  }
}

/** Values that stay until the user clears them. */
export const preferences = new BrowserStorage(() => localStorage);
/** Values of this tab, which survive reloads. */
export const tabValues = new BrowserStorage(() => sessionStorage);
