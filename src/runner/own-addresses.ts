import { readFileSync } from "node:fs";

/** Tables of the kernel with the addresses of a network namespace (proc_pid_net(5)). */
export interface AddressTables {
  /** IPv4: `fib_trie`. */
  fibTrie: string;
  /** IPv6: `if_inet6`; empty without IPv6. */
  inet6: string;
}

/** The tables of this program's network namespace. */
export function readAddressTables(): AddressTables {
  return { fibTrie: readTable("fib_trie"), inet6: readTable("if_inet6") };
}

function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, "utf8");
  } catch {
    return "";
  }
}

/** All addresses that lead to the machine itself, on interfaces that are up or down; those of loopback are left out. */
export function ownAddresses({ fibTrie, inet6 }: AddressTables): Set<string> {
  return new Set([...ownIpv4(fibTrie), ...ownIpv6(inet6)]);
}

/** An address stands on a line of its own, and what it is on the lines after it. */
function* ownIpv4(trie: string): Generator<string> {
  let address = "";
  for (const line of trie.split("\n")) {
    address = /\|-- (\S+)/.exec(line)?.[1] ?? address;
    if (line.includes("/32 host LOCAL") && !address.startsWith("127.")) yield address;
  }
}

/** 32 hexadecimal digits, the number of the interface, the prefix, the scope, flags and the interface's name. */
function* ownIpv6(table: string): Generator<string> {
  for (const [, digits = ""] of table.matchAll(/^([0-9a-f]{32}) /gm)) {
    const address = canonicalAddress(digits.replace(/(.{4})(?=.)/g, "$1:"));
    if (address !== "::1") yield address;
  }
}

/** An address of IPv6 as RFC 5952 writes it; others, and what is none, as they are. */
export function canonicalAddress(text: string): string {
  const host = `[${text}]`;
  return text.includes(":") && URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname.slice(1, -1)
    : text;
}
