import type { Challenge } from "./remote/challenge.ts";

/** A token service that cannot be used. */
export class RealmError extends Error {
  override name = "RealmError";
}

/**
 * The address that gives tokens for a registry (distribution, token.md), and receives the registry's credentials: the one
 * place that decides which address may.
 *
 * @throws RealmError
 */
export function requireRealm({ parameters }: Challenge): URL {
  const realm = URL.parse(parameters.get("realm") ?? "");
  if (realm === null) throw new RealmError("no realm to fetch a token from");
  return realm;
}
