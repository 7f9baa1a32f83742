import { isLoopbackHost } from "../../network/network-policy.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { parseUrlSetting } from "../url-setting.ts";

/** Registries whose servers have other host names. */
const SERVERS: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/** Registry host → base URL of the server to use instead, from `VARVE_MIRRORS`. */
export type Mirrors = Readonly<Record<string, string>>;

/** The base URL of a registry, without a trailing slash. http on loopback, https elsewhere. */
export function endpointOf(host: string, mirrors: Mirrors = {}): string {
  const mirror = Object.hasOwn(mirrors, host) ? mirrors[host] : undefined;
  if (mirror !== undefined) return trimEnd(mirror, "/");
  const server = Object.hasOwn(SERVERS, host) ? SERVERS[host] : host;
  return `${isLoopbackHost(host) ? "http" : "https"}://${server}`;
}

/**
 * Reads the setting `VARVE_MIRRORS`: a JSON object of base URLs.
 * @throws {TypeError} that explains the error
 */
export function parseMirrors(setting: string | undefined): Mirrors {
  return parseUrlSetting("VARVE_MIRRORS", setting);
}
