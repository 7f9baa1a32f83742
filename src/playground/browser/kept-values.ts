/** Texts that the browser keeps under names. */
class KeptValues {
  readonly #storage: () => Storage;

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  /** Undefined when there is no such text or the browser blocks storage. */
  read(name: string): string | undefined {
    try {
      return this.#storage().getItem(`varve.${name}`) ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** @returns whether the browser stored it: private windows may refuse */
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

/** Choices of the user, until the next visit. */
export const preferences = new KeptValues(() => localStorage);
/** Values of this tab, which survive reloads. */
export const tabValues = new KeptValues(() => sessionStorage);
