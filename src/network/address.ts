/** The bytes of an IP address: 4 for IPv4, 16 for IPv6. */
type Address = readonly number[];

/** Parses a host in the format of `URL.hostname`: `127.0.0.1`, `[::1]`. Undefined for a name. */
export function parseAddress(host: string): Address | undefined {
  if (host.startsWith("[")) return parseIpv6(host.slice(1, -1));
  return parseIpv4(host);
}

/** Classifies an address: on the public network, on loopback, or anything else. */
export function addressKind(address: Address): "public" | "private" | "loopback" {
  if (address.length === 4) return ipv4Kind(address);
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined) return ipv4Kind(embedded);
  if (startsWith(address, LOOPBACK, 128)) return "loopback";
  // Only 2000::/3 is allocated, and parts of it are not public either.
  if (!startsWith(address, [0x20], 3)) return "private";
  return IPV6_SPECIAL.some(([prefix, bits]) => startsWith(address, prefix, bits)) ? "private" : "public";
}

type Block = readonly [prefix: Address, bits: number];

const LOOPBACK: Address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/** IANA's special-purpose addresses, which are not globally reachable. */
const IPV4_SPECIAL: readonly Block[] = [
  [[0], 8],
  [[10], 8],
  [[100, 64], 10], // between a provider and its customers
  [[169, 254], 16], // link-local, and the metadata services of clouds
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  [[224], 4], // multicast
  [[240], 4],
];

const IPV6_SPECIAL: readonly Block[] = [
  [[0x20, 0x01, 0x00], 23], // Teredo, ORCHID, benchmarks
  [[0x20, 0x01, 0x0d, 0xb8], 32],
  [[0x3f, 0xff, 0x00], 20],
];

/** IPv6 ranges that embed an IPv4 address, and the offset of that address. */
const EMBEDDING: readonly [Block, number][] = [
  [[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96], 12], // mapped
  [[[0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0], 96], 12], // translated
  [[[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96], 12], // NAT64
  [[[0x20, 0x02], 16], 2], // 6to4
];

function ipv4Kind(address: Address): "public" | "private" | "loopback" {
  if (address[0] === 127) return "loopback";
  return IPV4_SPECIAL.some(([prefix, bits]) => startsWith(address, prefix, bits)) ? "private" : "public";
}

function embeddedIpv4(address: Address): Address | undefined {
  for (const [[prefix, bits], at] of EMBEDDING) {
    if (startsWith(address, prefix, bits)) return address.slice(at, at + 4);
  }
  return undefined;
}

function startsWith(address: Address, prefix: Address, bits: number): boolean {
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if (((address[bit >> 3] ?? 0) & mask) !== ((prefix[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}

function parseIpv4(text: string): Address | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Hexadecimal groups with at most one `::`; the URL parser writes no dotted part. */
function parseIpv6(text: string): Address | undefined {
  if (!/^[0-9a-f:]{2,39}$/i.test(text)) return undefined;
  const [head = "", tail] = text.split("::");
  const before = groups(head);
  const after = groups(tail ?? "");
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const all = [...before, ...new Array<number>(missing).fill(0), ...after];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
