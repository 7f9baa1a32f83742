import { cut } from "../../streams/cut.ts";

/** A user or group: a number, or a name to resolve in the image. */
type Principal = { readonly id: number } | { readonly name: string };

/** The owner of an entry. Without `group`, a number is also the group, and a name implies its primary group. */
export interface Owner {
  readonly user: Principal;
  readonly group?: Principal;
}

/** Reads `user[:group]` of `--chown` and USER. `root` and the empty text mean 0; other text is a name. */
export function readOwner(text: string): Owner {
  const [user, group] = cut(text, ":");
  return { user: readPrincipal(user), ...(group !== undefined && { group: readPrincipal(group) }) };
}

function readPrincipal(text: string): Principal {
  if (text === "" || text === "root") return { id: 0 };
  const number = /^[-+]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  // Numbers beyond 31 bits are resolved as names; negative numbers wrap around to unsigned 32-bit ids.
  if (number >= -(2 ** 31) && number < 2 ** 31) return { id: number >>> 0 };
  return { name: text };
}
