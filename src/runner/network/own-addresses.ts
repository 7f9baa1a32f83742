import { readFileSync } from "node:fs";
import { BlockList } from "node:net";

/** The kernel's tables of the addresses of a network namespace (proc_pid_net(5)). */
interface AddressTables {
  /** IPv4: `fib_trie`. */
  fibTrie: string;
  /** IPv6: `if_inet6`; empty without IPv6. */
  inet6: string;
  /** IPv6: `ipv6_route`. */
  routes6: string;
}

/** The tables of this program's network namespace. */
export function readAddressTables(): AddressTables {
  return { fibTrie: readTable("fib_trie"), inet6: readTable("if_inet6"), routes6: readTable("ipv6_route") };
}

/** A table of this program's network namespace (proc_pid_net(5)); empty when the kernel does not have it. */
export function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, "utf8");
  } catch {
    return "";
  }
}

/**
 * All addresses that are the machine's, without loopback: those of its interfaces, up or down, and, as `ADDRESS/LENGTH`,
 * the ranges that its routing table declares local (ip-route(8), type `local`).
 */
export function ownAddresses({ fibTrie, inet6, routes6 }: AddressTables): Set<string> {
  return new Set([...ownIpv4(fibTrie), ...ownIpv6(inet6), ...localIpv6(routes6)]);
}

/** Whether an IP address is one of `ownAddresses()`. */
export function isOwn(address: string, own: ReadonlySet<string>): boolean {
  const list = new BlockList();
  for (const range of own) {
    const [base = "", length] = range.split("/");
    if (length !== undefined) list.addSubnet(base, Number(length), familyOf(base));
  }
  return own.has(canonicalAddress(address)) || list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** In the table, an address has its own line; the lines after it have its prefix lengths and types. */
function* ownIpv4(trie: string): Generator<string> {
  let address = "";
  for (const line of trie.split("\n")) {
    address = /\|-- (\S+)/.exec(line)?.[1] ?? address;
    const [, length] = /\/(\d+) host LOCAL/.exec(line) ?? [];
    if (length !== undefined && !address.startsWith("127.")) yield rangeText(address, length, "32");
  }
}

/** 32 hexadecimal digits, the number of the interface, the prefix, the scope, flags and the interface's name. */
function* ownIpv6(table: string): Generator<string> {
  for (const [, digits = ""] of table.matchAll(/^([0-9a-f]{32}) /gm)) {
    const address = addressOf(digits);
    if (address !== LOOPBACK) yield address;
  }
}

const LOOPBACK = "::1";
/** Flags of routes to the machine: addresses and ranges, and anycast addresses of a router (linux/ipv6_route.h). */
const LOCAL = 0x80000000;
const ANYCAST = 0x00100000;

/** Destination and its length, source and its length, next hop, metric, two counters, flags, and the interface's name. */
function* localIpv6(table: string): Generator<string> {
  for (const line of table.split("\n")) {
    const [digits = "", length = "", , , , , , , flags = ""] = line.split(/\s+/);
    if ((Number.parseInt(flags, 16) & (LOCAL | ANYCAST)) === 0) continue;
    // The table has the routes of all tables, also that of a transparent proxy, which is for marked packets only.
    if (length === "00") continue;
    const address = addressOf(digits);
    if (address !== LOOPBACK) yield rangeText(address, String(Number.parseInt(length, 16)), "128");
  }
}

function addressOf(digits: string): string {
  return canonicalAddress(digits.replace(/(.{4})(?=.)/g, "$1:"));
}

/** A range of one address is the address. */
function rangeText(address: string, length: string, whole: string): string {
  return length === whole ? address : `${address}/${length}`;
}

/** An IPv6 address in the form of RFC 5952; any other text unchanged. */
export function canonicalAddress(text: string): string {
  const host = `[${text}]`;
  return text.includes(":") && URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname.slice(1, -1)
    : text;
}
