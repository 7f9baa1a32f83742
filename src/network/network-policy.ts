import { trimEnd } from "../streams/trim-end.ts";
import { addressKind, parseAddress } from "./address.ts";

/** The servers that a build may reach. */
export interface NetworkPolicy {
  /** Allow servers on this machine, also over plain http. Only for a server that listens on loopback itself. */
  allowLoopback: boolean;
  /** Origins that the operator trusts, such as mirrors: `http://10.0.0.5:5000`. They are not checked. */
  trustedOrigins?: readonly string[];
  /** Creates a random mark, by which a server on this machine recognises its own requests. */
  newMark?: () => string;
  /** Allow plain http to other machines. Needed for `ADD http://…`, never for registries. */
  allowPlainHttp?: boolean;
}

type NetworkErrorCode =
  /** The address is private, on loopback, or otherwise not on the public network. */
  | "ADDRESS_REFUSED"
  /** The scheme is neither https nor, where allowed, http. */
  | "SCHEME_REFUSED"
  /** There are too many redirects, or one without a valid target. */
  | "BAD_REDIRECT";

/** A URL must not be requested. */
export class NetworkPolicyError extends Error {
  override name = "NetworkPolicyError";
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode, url: URL, reason: string) {
    super(`Cannot fetch ${url.origin}: ${reason}`);
    this.code = code;
  }
}

/** Names of this machine, and names that only private networks resolve. */
const LOCAL_NAMES = /(?:^|\.)localhost$/;
const PRIVATE_NAMES = /(?:^|\.)(?:internal|local|localdomain|home\.arpa|intranet|lan)$/;

/**
 * Rejects a URL with a forbidden address or scheme. Checks names without resolving them: a deployed Worker's network
 * reaches only public addresses anyway.
 * @throws {NetworkPolicyError}
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
 * Whether a request may reach a server on this machine, which listens on loopback with plain http: a name can resolve
 * to loopback at any time, another address cannot.
 */
export function reachesThisMachine({ protocol, hostname }: URL): boolean {
  if (protocol !== "http:") return false;
  const host = withoutDots(hostname);
  return parseAddress(host) === undefined || hostKind(host) === "loopback";
}

/** Whether two hosts with ports are equal; all names of this machine are equal. */
export function isSameHost(one: string, other: string): boolean {
  if (one === other) return true;
  return isLoopbackHost(one) && isLoopbackHost(other) && portOf(one) === portOf(other);
}

function portOf(host: string): string | undefined {
  return URL.parse(`http://${host}`)?.port;
}

/** A trailing dot makes a name absolute without changing it. */
function withoutDots(host: string): string {
  return trimEnd(host, ".");
}

/** The URL parser normalises all spellings of an IPv4 address. */
function hostKind(host: string): "public" | "private" | "loopback" {
  const address = parseAddress(host);
  if (address !== undefined) return addressKind(address);
  if (LOCAL_NAMES.test(host)) return "loopback";
  return PRIVATE_NAMES.test(host) || !host.includes(".") ? "private" : "public";
}
