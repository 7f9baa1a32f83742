import { getDomain } from "tldts";
import { isLoopbackHost } from "../network/network-policy.ts";
import { trimEnd } from "../streams/trim-end.ts";
import type { Challenge } from "./remote/challenge.ts";
import { endpointOf } from "./remote/endpoint.ts";
import { parseUrlSetting } from "./url-setting.ts";

/** Registry host as in references → URL of its token service, from `VARVE_REALMS`. */
export type Realms = Readonly<Record<string, string>>;

/** The token service is invalid, or must not receive the credentials. */
export class RealmError extends Error {
  override name = "RealmError";
}

export interface RealmOptions {
  /** Base URL of the registry that sent the challenge. */
  base: string;
  /** The registry's host as in references: `docker.io`, `localhost:5000`. */
  host: string;
  /** Whether the token request contains a password or a refresh token. */
  hasCredentials: boolean;
  /** Token services configured by the user. */
  realms?: Realms | undefined;
}

/**
 * The URL of a registry's token service (distribution, token.md). A server can name any realm, so a realm receives
 * credentials only when it is on the registry's own site (the same registrable domain, or the same machine) or
 * configured by the user. An https registry always needs an https realm.
 * @throws {RealmError}
 */
export function requireRealm(
  { parameters }: Challenge,
  { base, host, hasCredentials, realms = {} }: RealmOptions,
): URL {
  const realm = URL.parse(parameters.get("realm") ?? "");
  if (realm === null || !/^https?:$/.test(realm.protocol))
    throw new RealmError(`Cannot fetch a token for ${host}: its challenge has no valid realm`);
  // A user name in the URL would replace the password of the registry.
  realm.username = "";
  realm.password = "";
  realm.hash = "";
  const names = [host, new URL(base).host].filter((name) => Object.hasOwn(realms, name));
  if (names.some((name) => URL.parse(realms[name] ?? "")?.origin === realm.origin)) return realm;
  if (!isAsSecure(realm, new URL(base)))
    throw new RealmError(
      `Cannot fetch a token for ${host}: its token service ${realm.origin} is not encrypted`,
    );
  // A mirror may use the token service of the mirrored registry.
  const registries = [base, endpointOf(host)].map((url) => new URL(url));
  const isOwn = registries.some((url) => siteOf(url) === siteOf(realm) && isAsSecure(realm, url));
  if (isOwn || !hasCredentials) return realm;
  throw new RealmError(
    `Cannot send the password for ${host} to ${realm.origin}: the token service is on another site. ` +
      `If you trust it, set VARVE_REALMS='${JSON.stringify({ [host]: realm.origin })}'`,
  );
}

/** Whether the connection to the realm is as secure as that to the registry. */
function isAsSecure(realm: URL, registry: URL): boolean {
  return realm.protocol === "https:" || registry.protocol === "http:";
}

/** The registrable domain of a URL; an IP address itself; `localhost` for any loopback address. */
function siteOf({ hostname }: URL): string {
  const host = trimEnd(hostname, ".");
  if (isLoopbackHost(host)) return "localhost";
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}

/**
 * Reads the setting `VARVE_REALMS`: a JSON object of registry hosts and URLs.
 * @throws {TypeError} that explains the error
 */
export function parseRealms(setting: string | undefined): Realms {
  return parseUrlSetting("VARVE_REALMS", setting);
}
