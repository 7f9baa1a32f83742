import type { Problem } from "../../../schemas/problem.ts";
import { FRONT_PREFIX } from "../../store/front-protocol.ts";
import { unreadable } from "./answer-problem.ts";

/** A request before its body. */
interface RequestHead {
  /** The target as it was sent. */
  url: string;
  /** Names and values by turns. */
  rawHeaders: readonly string[];
}

export type HeaderField = [name: string, value: string];

/** Headers of one connection (RFC 9110, 7.6.1), which the front sets for each side. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** `host [ ":" port ]` of RFC 9110, 7.2, without user information. */
const host = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::\d{1,5})?$/;

/**
 * The headers of a request that are forwarded to the Worker, or why the request is rejected. Headers that the runtime or
 * the front trusts (`MF-*`, `CF-*` and the front's own) are never forwarded.
 */
export function headersForWorker({ url, rawHeaders }: RequestHead): HeaderField[] | Problem {
  if (!url.startsWith("/"))
    return unreadable("request-malformed", `its target is "${shorten(url)}", which is not a path`);
  const headers = pairsOf(rawHeaders);
  const hosts = headers.filter(([name]) => name.toLowerCase() === "host");
  const [first] = hosts;
  if (first === undefined || first[1] === "")
    return unreadable("request-malformed", "its Host header is missing or empty");
  if (hosts.length > 1) return unreadable("request-malformed", "it has several Host headers");
  if (!host.test(first[1]) || !URL.canParse(`http://${first[1]}/`)) {
    return unreadable("request-malformed", `its Host header "${shorten(first[1])}" is not a host`);
  }
  const reserved = headers.find(([name]) => /^mf-/i.test(name));
  if (reserved !== undefined)
    return unreadable("request-malformed", `the header ${shorten(reserved[0])} is reserved`);
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !hopByHop.has(lower) && !lower.startsWith("cf-") && !lower.startsWith(FRONT_PREFIX);
  });
}

/** The headers of a response that are forwarded to the client. */
export function headersForClient(rawHeaders: readonly string[]): HeaderField[] {
  return pairsOf(rawHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    return !hopByHop.has(lower) && !lower.startsWith(FRONT_PREFIX);
  });
}

/** The one value of a header; undefined when it is missing. */
export function headerValue(rawHeaders: readonly string[], wanted: string): string | undefined {
  return pairsOf(rawHeaders).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function pairsOf(rawHeaders: readonly string[]): HeaderField[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? "",
    rawHeaders[2 * index + 1] ?? "",
  ]);
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
