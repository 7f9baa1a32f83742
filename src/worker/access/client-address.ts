import { parseAddress } from "../../network/address.ts";
import type { Env } from "../environment.ts";
import { peerOf } from "../http/front.ts";

/**
 * The address of a client for rate limits: an IPv4 address, or the /64 network of an IPv6 address. Cloudflare sends it in a
 * header that clients cannot set; on a local server, the front sends it.
 */
export function clientAddress(headers: Headers, env: Pick<Env, "VARVE_FRONT_SECRET">): string {
  const text = peerOf(headers, env) ?? headers.get("cf-connecting-ip") ?? "";
  const address = parseAddress(text.includes(":") ? `[${text}]` : text);
  return address === undefined ? "unknown" : address.slice(0, address.length === 16 ? 8 : 4).join(".");
}
