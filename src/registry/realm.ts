import { getDomain } from "tldts";
import { isLoopbackHost } from "../network/network-policy.ts";
import { trimEnd } from "../streams/trim-end.ts";
import type { Challenge } from "./remote/challenge.ts";
import { endpointOf } from "./remote/endpoint.ts";
import { parseUrlSetting } from "./url-setting.ts";

/** Registry host, as in references → URL of its token service, as in `VARVE_REALMS`. */
export type Realms = Readonly<Record<string, string>>;

/** A token service that must not receive a password. */
export class RealmError extends Error {
  override name = "RealmError";
}

export interface RealmOptions {
  /** Base URL of the registry that sent the challenge. */
  base: string;
  /** The registry's host as in references: `docker.io`, `localhost:5000`. */
  host: string;
  /** Whether the request for a token carries a password or a refresh token. */
  hasCredentials: boolean;
  /** Token services that the user configured. */
  realms?: Realms | undefined;
}

/**
 * The address that gives tokens for a registry (distribution, token.md). Any server can name any realm, so a realm
 * receives credentials only when it is on the registry's own site (the same registrable domain, or the same machine)
 * or configured by the user. An https registry needs an https realm in any case.
 *
 * @throws RealmError
 */
export function requireRealm(
  { parameters }: Challenge,
  { base, host, hasCredentials, realms = {} }: RealmOptions,
): URL {
  const realm = URL.parse(parameters.get("realm") ?? "");
  if (realm === null || !/^https?:$/.test(realm.protocol))
    throw new RealmError(`Cannot fetch a token for ${host}: its challenge names no realm`);
  // A user in the address would replace the password of the registry.
  realm.username = "";
  realm.password = "";
  realm.hash = "";
  const names = [host, new URL(base).host].filter((name) => Object.hasOwn(realms, name));
  if (names.some((name) => URL.parse(realms[name] ?? "")?.origin === realm.origin)) return realm;
  if (!isAsSafe(realm, new URL(base)))
    throw new RealmError(
      `Cannot fetch a token for ${host}: its token service ${realm.origin} is not encrypted`,
    );
  // A mirror may send its clients to the token service of the registry that it mirrors.
  const registries = [base, endpointOf(host)].map((url) => new URL(url));
  const isOwn = registries.some((url) => siteOf(url) === siteOf(realm) && isAsSafe(realm, url));
  if (isOwn || !hasCredentials) return realm;
  throw new RealmError(
    `Cannot send the password for ${host} to ${realm.origin}: the token service is on another site. ` +
      `If you trust it, set VARVE_REALMS='${JSON.stringify({ [host]: realm.origin })}'`,
  );
}

/** Whether a password is as safe on its way to the realm as on its way to the registry. */
function isAsSafe(realm: URL, registry: URL): boolean {
  return realm.protocol === "https:" || registry.protocol === "http:";
}

/** The registrable domain of a URL; of an address the address itself, and one name for this machine. */
function siteOf({ hostname }: URL): string {
  const host = trimEnd(hostname, ".");
  if (isLoopbackHost(host)) return "localhost";
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}

/**
 * Reads the setting `VARVE_REALMS`: a JSON object of registry hosts and URLs.
 *
 * @throws TypeError that names what is wrong
 */
export function parseRealms(setting: string | undefined): Realms {
  return parseUrlSetting("VARVE_REALMS", setting);
}
