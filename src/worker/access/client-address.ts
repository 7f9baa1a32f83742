import { parseAddress } from "../../network/address.ts";

/** Who asks, for counting: an address of IPv4, or the network of 64 bits that one of IPv6 is in, which is one person's. */
export function clientAddress(headers: Headers): string {
  const text = headers.get("cf-connecting-ip") ?? "";
  const address = parseAddress(text.includes(":") ? `[${text}]` : text);
  return address === undefined ? "unknown" : address.slice(0, address.length === 16 ? 8 : 4).join(".");
}
