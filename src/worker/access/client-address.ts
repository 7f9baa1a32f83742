import { parseAddress } from "../../network/address.ts";
import type { Env } from "../environment.ts";
import { peerOf } from "../http/front.ts";

/**
 * The address of a client, for counting: one of IPv4, or the network of 64 bits of one of IPv6, which one client has. On
 * Cloudflare it is in a header that clients cannot write, on a local server the front states it.
 */
export function clientAddress(headers: Headers, env: Pick<Env, "VARVE_FRONT_SECRET">): string {
  const text = peerOf(headers, env) ?? headers.get("cf-connecting-ip") ?? "";
  const address = parseAddress(text.includes(":") ? `[${text}]` : text);
  return address === undefined ? "unknown" : address.slice(0, address.length === 16 ? 8 : 4).join(".");
}
