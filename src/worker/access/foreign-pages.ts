import { isLoopbackHost } from "../../network/network-policy.ts";
import type { Env } from "../environment.ts";
import { peerOf } from "../http/front.ts";
import { ProblemError } from "../http/problem.ts";
import { isPortPath } from "../runners/port-path.ts";
import { originOf } from "./origin.ts";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request comes from this machine and addresses it: the client's address and the Host header are loopback. The
 * second excludes pages whose name was made to resolve to this machine (DNS rebinding).
 */
export function isLocal({ url, headers }: Pick<Request, "url" | "headers">, env: Env): boolean {
  const peer = peerOf(headers, env);
  return peer !== undefined && isLoopbackAddress(peer) && loopbackNames.has(new URL(url).hostname);
}

/**
 * Rejects writing requests from pages of other origins, with any credential: a browser adds stored credentials, and on
 * the same machine none is needed.
 * @throws {ProblemError}
 */
export function rejectForeignPages(request: Request): void {
  const isSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (safeMethods.has(request.method) && !isSocket) return;
  // What a container serves has no origin, and its address is its credential.
  if (isPortPath(new URL(request.url).pathname)) return;
  const { headers } = request;
  const own = originOf(request);
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  if ((origin ?? own) === own && (site === "same-origin" || site === "none")) return;
  throw new ProblemError("cross-origin-write", {
    detail: `Cannot write from a page of "${origin ?? site}"`,
  });
}

function isLoopbackAddress(address: string): boolean {
  return isLoopbackHost(address.includes(":") ? `[${address}]` : address);
}
