import { trimEnd } from "../streams/trim-end.ts";
import { addressKind, parseAddress } from "./address.ts";

/** Which servers a build may reach. */
export interface NetworkPolicy {
  /** Servers on this machine, over plain http too. Only for a server that itself is on loopback. */
  allowLoopback: boolean;
  /** When given, only these hosts: `ghcr.io`, or `*.example.com` for everything below a domain. */
  allowedHosts?: readonly string[];
  /** Origins that the operator has named, such as mirrors: `http://10.0.0.5:5000`. They are not checked. */
  trustedOrigins?: readonly string[];
  /** Makes the mark by which a server on this machine recognizes a request of its own, another one each time. */
  newMark?: () => string;
  /** Plain http to other machines. Needed for `ADD http://…`, never for registries. */
  allowPlainHttp?: boolean;
}

export type NetworkErrorCode =
  /** The address is private, or of this machine, or otherwise not of the public network. */
  | "ADDRESS_REFUSED"
  /** Not among the allowed hosts. */
  | "HOST_REFUSED"
  /** Neither https nor, where that is allowed, http. */
  | "SCHEME_REFUSED"
  /** Too many redirects, or one without a usable target. */
  | "BAD_REDIRECT";

/** A URL that may not be asked. */
export class NetworkPolicyError extends Error {
  override name = "NetworkPolicyError";
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode, url: URL, reason: string) {
    super(`Cannot fetch ${url.origin}: ${reason}`);
    this.code = code;
  }
}

/** Names that stand for the machine itself, or that only private networks resolve. */
const LOCAL_NAMES = /(?:^|\.)localhost$/;
const PRIVATE_NAMES = /(?:^|\.)(?:internal|local|localdomain|home\.arpa|intranet|lan)$/;

/**
 * Refuses a URL whose address or scheme a build may not use. A name is judged as it is written: that it resolves to
 * a public address is left to the runtime's network, which for a deployed Worker reaches no other.
 *
 * @throws NetworkPolicyError
 */
export function checkUrl(url: URL, policy: NetworkPolicy): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new NetworkPolicyError("SCHEME_REFUSED", url, `"${url.protocol}" is neither https nor http`);
  }
  if (policy.trustedOrigins?.includes(url.origin)) return;
  const host = withoutDots(url.hostname);
  const kind = hostKind(host);
  if (kind === "private" || (kind === "loopback" && !policy.allowLoopback)) {
    throw new NetworkPolicyError("ADDRESS_REFUSED", url, `"${host}" is not on the public network`);
  }
  if (policy.allowedHosts !== undefined && !policy.allowedHosts.some((pattern) => covers(pattern, host))) {
    throw new NetworkPolicyError("HOST_REFUSED", url, `"${host}" is not among the allowed hosts`);
  }
  if (url.protocol === "http:" && kind !== "loopback" && !policy.allowPlainHttp) {
    throw new NetworkPolicyError("SCHEME_REFUSED", url, "only https is allowed");
  }
}

/** Whether a host, with or without a port, is this machine. */
export function isLoopbackHost(host: string): boolean {
  const url = URL.parse(`http://${host}`);
  return url !== null && hostKind(withoutDots(url.hostname)) === "loopback";
}

/**
 * Whether a request may reach a server of this machine, which listens on loopback and speaks plain http: a name can
 * resolve to loopback at any time, another address cannot.
 */
export function reachesThisMachine({ protocol, hostname }: URL): boolean {
  if (protocol !== "http:") return false;
  const host = withoutDots(hostname);
  return parseAddress(host) === undefined || hostKind(host) === "loopback";
}

/** Whether two hosts with their ports are one: every name of this machine stands for the same. */
export function isSameHost(one: string, other: string): boolean {
  if (one === other) return true;
  return isLoopbackHost(one) && isLoopbackHost(other) && portOf(one) === portOf(other);
}

function portOf(host: string): string | undefined {
  return URL.parse(`http://${host}`)?.port;
}

/** A name that ends in a dot is whole, and otherwise the same. */
function withoutDots(host: string): string {
  return trimEnd(host, ".");
}

/** The URL parser has made plain addresses of all the ways to write an IPv4 one. */
function hostKind(host: string): "public" | "private" | "loopback" {
  const address = parseAddress(host);
  if (address !== undefined) return addressKind(address);
  if (LOCAL_NAMES.test(host)) return "loopback";
  return PRIVATE_NAMES.test(host) || !host.includes(".") ? "private" : "public";
}

function covers(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
