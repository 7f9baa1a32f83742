/** A choice of the user, by name; undefined as well where the browser keeps nothing. */
export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(`varve.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice for the next visit. @returns whether the browser allows it: private windows may refuse */
export function remember(name: string, value: string | undefined): boolean {
  try {
    if (value === undefined) localStorage.removeItem(`varve.${name}`);
    else localStorage.setItem(`varve.${name}`, value);
    return true;
  } catch {
    return false;
  }
}
