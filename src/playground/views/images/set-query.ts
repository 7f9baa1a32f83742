import { location, navigate, query } from "../../router.ts";

/** Changes query parameters of the address, so that a copied address opens the same view. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const asked = new URLSearchParams(query.peek());
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) asked.delete(name);
    else asked.set(name, value);
  }
  const [place] = location.peek().split("?", 1);
  navigate(`#${place}${asked.size === 0 ? "" : `?${asked}`}`, { replace: true });
}
