import { isLoopbackHost } from "../../network/network-policy.ts";
import type { Env } from "../environment.ts";
import { peerOf } from "../http/front.ts";
import { ProblemError } from "../http/problem.ts";
import { isPortPath } from "../runners/port-path.ts";
import { originOf } from "./origin.ts";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request comes from this machine: the client's address and the Host header are loopback. The check of the header
 * prevents DNS rebinding, where the name of a foreign page resolves to this machine.
 */
export function isLocal({ url, headers }: Pick<Request, "url" | "headers">, env: Env): boolean {
  const peer = peerOf(headers, env);
  return peer !== undefined && isLoopbackAddress(peer) && loopbackNames.has(new URL(url).hostname);
}

/**
 * Rejects writing requests from pages of other origins. A credential does not help: browsers add stored credentials to such
 * requests, and requests from this machine need none.
 * @throws {ProblemError}
 */
export function rejectForeignPages(request: Request): void {
  const isSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (safeMethods.has(request.method) && !isSocket) return;
  // Pages of containers have an opaque origin. The token in the path is their credential.
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
