/** What a tab keeps while it is open, reloads included; undefined as well where the browser keeps nothing. */
export function keptInTab(name: string): string | undefined {
  try {
    return sessionStorage.getItem(`varve.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value until the tab is closed, where the browser allows it. */
export function keepInTab(name: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(`varve.${name}`);
    else sessionStorage.setItem(`varve.${name}`, value);
  } catch {
    // Private windows may refuse, and the space is limited: then a reload does not find it.
  }
}
