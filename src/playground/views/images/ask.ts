import { location, navigate, query } from "../../router.ts";

/** Changes what is asked of the view in its address: others see then what is seen here. */
export function ask(changes: Readonly<Record<string, string | undefined>>): void {
  const asked = new URLSearchParams(query.peek());
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) asked.delete(name);
    else asked.set(name, value);
  }
  const [place] = location.peek().split("?", 1);
  navigate(`#${place}${asked.size === 0 ? "" : `?${asked}`}`, { replace: true });
}
