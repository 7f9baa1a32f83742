import { readTable } from "./own-addresses.ts";

/** The kernel's tables of TCP sockets of a network namespace (proc_pid_net(5)). */
export interface SocketTables {
  tcp: string;
  /** IPv6; empty without it. */
  tcp6: string;
}

/** The tables of this program's network namespace. */
export function readSocketTables(): SocketTables {
  return { tcp: readTable("tcp"), tcp6: readTable("tcp6") };
}

const IPV4_LOOPBACK = "127.0.0.1";
const IPV6_LOOPBACK = "::1";
// The addresses of sockets in the tables are groups of four bytes, each a number in the byte order of the machine.
const SERVES_IPV6 = /^0{24}(?:01000000|00000001)$/;
/** 127.0.0.1, all addresses, and 127.0.0.1 as an address of IPv6. */
const SERVES_IPV4 = /^(?:0{8}|0{32}|(?:0{16}(?:FFFF0000|0000FFFF))?(?:0100007F|7F000001))$/;

/**
 * The loopback address at which the machine serves the ports: that of IPv6 if servers listen on it alone, else that of
 * IPv4.
 */
export function loopbackOf(ports: Iterable<number>, tables: SocketTables): string {
  const wanted = new Set(ports);
  let address = IPV4_LOOPBACK;
  for (const { host, port } of listeners(`${tables.tcp}\n${tables.tcp6}`)) {
    if (!wanted.has(port)) continue;
    if (SERVES_IPV4.test(host)) return IPV4_LOOPBACK;
    if (SERVES_IPV6.test(host)) address = IPV6_LOOPBACK;
  }
  return address;
}

/** A line has a number, the address and port of the socket, those of the peer, and the state, of which 0A is listening. */
function* listeners(table: string): Generator<{ host: string; port: number }> {
  for (const [, host = "", port = ""] of table.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /gm))
    yield { host, port: Number.parseInt(port, 16) };
}
