/** Reads a stored choice of the user; undefined when there is none or the browser blocks storage. */
export function readPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(`varve.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Stores a choice for the next visit. @returns whether the browser stored it: private windows may refuse */
export function storePreference(name: string, value: string | undefined): boolean {
  try {
    if (value === undefined) localStorage.removeItem(`varve.${name}`);
    else localStorage.setItem(`varve.${name}`, value);
    return true;
  } catch {
    return false;
  }
}
