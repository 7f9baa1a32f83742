/** Reads a value of this tab, which survives reloads; undefined when there is none or the browser blocks storage. */
export function readTabValue(name: string): string | undefined {
  try {
    return sessionStorage.getItem(`varve.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Stores a value until the tab is closed, if the browser allows it. */
export function storeTabValue(name: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(`varve.${name}`);
    else sessionStorage.setItem(`varve.${name}`, value);
  } catch {
    // The storage is blocked or full: a reload does not find the value.
  }
}
