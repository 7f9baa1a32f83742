/** A choice of the user, by name; undefined as well where the browser keeps nothing. */
export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(`varve.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice for the next visit, where the browser lets it. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`varve.${name}`);
    else localStorage.setItem(`varve.${name}`, value);
  } catch {
    // Private windows may refuse: then it is chosen again next time.
  }
}
