import { readFileSync } from "node:fs";

/** The kernel's tables of the addresses of a network namespace (proc_pid_net(5)). */
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

/** All addresses of the machine's interfaces, up or down, without loopback. */
export function ownAddresses({ fibTrie, inet6 }: AddressTables): Set<string> {
  return new Set([...ownIpv4(fibTrie), ...ownIpv6(inet6)]);
}

/** In the table, an address has its own line; the lines after it have its type. */
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

/** An IPv6 address in the form of RFC 5952; any other text unchanged. */
export function canonicalAddress(text: string): string {
  const host = `[${text}]`;
  return text.includes(":") && URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname.slice(1, -1)
    : text;
}
