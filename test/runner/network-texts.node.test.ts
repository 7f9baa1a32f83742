import { describe, expect, it } from "vitest";
import { formatPorts, parseAllowedPort } from "../../src/runner/network/allowed-port.ts";
import { hostsFile } from "../../src/runner/network/hosts-file.ts";
import { stepNameServers } from "../../src/runner/network/name-servers.ts";
import { isOwn, ownAddresses } from "../../src/runner/network/own-addresses.ts";

describe("ownAddresses()", () => {
  it("returns those of all interfaces, up or down, and local ranges, except loopback", () => {
    const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.2
        /32 link UNICAST
        /32 host LOCAL
Local:
     |-- 172.17.0.1
        /32 host LOCAL
     |-- 172.17.255.255
        /32 link BROADCAST
     |-- 198.18.80.0
        /24 host LOCAL
`;
    const inet6 = `fe8000000000000000fc00fffe000001 04 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000011 04 40 00 82     eth0
`;
    const routes6 = [
      ["20010db8000000000000000000000000 40", "00000001     eth0"],
      ["00000000000000000000000000000001 80", "80200001       lo"],
      ["20010db8000000000000000000000011 80", "80200001     eth0"],
      ["20010db8000500000000000000000000 40", "80200001       lo"],
      ["20010db8000000000000000000000000 80", "00300001     eth0"],
      ["00000000000000000000000000000000 00", "00000003     eth0"],
      ["00000000000000000000000000000000 00", "80200001       lo"],
    ].map(([target, flags]) => {
      const zero = "0".repeat(32);
      return `${target} ${zero} 00 ${zero} 00000100 00000001 00000000 ${flags}\n`;
    });
    const own = ownAddresses({ fibTrie, inet6, routes6: routes6.join("") });
    expect([...own]).toEqual([
      "192.0.2.2",
      "172.17.0.1",
      "198.18.80.0/24",
      "fe80::fc:ff:fe00:1",
      "2001:db8::11",
      "2001:db8:5::/64",
      "2001:db8::",
    ]);
    const all = ["192.0.2.2", "198.18.80.9", "2001:db8:5::77", "2001:0db8::0011"];
    for (const address of all) expect(isOwn(address, own), address).toBe(true);
    const others = ["192.0.2.3", "198.18.81.9", "2001:db8:6::1", "::1", "127.0.0.1"];
    for (const address of others) expect(isOwn(address, own), address).toBe(false);
  });
});

describe("stepNameServers()", () => {
  const own = new Set(["192.0.2.2", "2001:db8::11"]);
  it.each([
    [
      "servers elsewhere",
      "nameserver 9.9.9.9\nnameserver 2001:db8::53\n",
      "nameserver 9.9.9.9\nnameserver 2001:db8::53\n",
    ],
    [
      "a server on loopback",
      "# x\nnameserver 127.0.0.1\nsearch a b\n",
      "nameserver 169.254.1.1\nsearch a b\n",
    ],
    ["another address of the machine", "nameserver 192.0.2.2", "nameserver 169.254.1.1\n"],
    ["one of IPv6", "nameserver 2001:0db8:0::0011", "nameserver 169.254.1.1\n"],
    [
      "several",
      "nameserver 127.0.0.1\nnameserver ::1\nnameserver 9.9.9.9\noptions ndots:2",
      "nameserver 169.254.1.1\nnameserver 9.9.9.9\noptions ndots:2\n",
    ],
    ["none, which is loopback", "", "nameserver 169.254.1.1\n"],
  ])("asks %s", (_, text, expected) => {
    expect(stepNameServers(text, own)).toBe(expected);
  });
});

describe("parseAllowedPort()", () => {
  it.each([
    ["localhost:3142", { host: "localhost", port: 3142 }],
    ["127.0.0.1:1", { host: "127.0.0.1", port: 1 }],
    ["[::1]:65535", { host: "[::1]", port: 65_535 }],
    ["Proxy.Internal:8080", { host: "proxy.internal", port: 8080 }],
  ])("reads %s", (text, expected) => {
    expect(parseAllowedPort(text)).toEqual(expected);
  });

  it.each([
    "",
    "3142",
    ":3142",
    "localhost",
    "localhost:",
    "localhost:0",
    "localhost:65536",
    "::1:80",
    "a b:1",
    "a/b:1",
  ])("rejects %j", (text) => {
    expect(() => parseAllowedPort(text)).toThrow("is not HOST:PORT");
  });

  it.each(["192.0.2.2:80", "127.0.0.2:80", "[2001:db8::1]:80", "0.0.0.0:80"])(
    "rejects %s, which pasta cannot forward",
    (text) => {
      expect(() => parseAllowedPort(text)).toThrow("is not an address of this machine's loopback");
    },
  );
});

describe("hostsFile()", () => {
  const noSockets = () => ({ tcp: "", tcp6: "" });
  const usual = "127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n";

  it("returns the lines that docker build writes", () => {
    const hosts = [
      { name: "a", address: "1.2.3.4" },
      { name: "gw", address: "host-gateway" },
    ];
    const unread = () => expect.unreachable("the tables of sockets are not needed");
    expect(hostsFile("box", hosts, [], unread)).toBe(`${usual}1.2.3.4\ta\n127.0.0.1\tgw\n`);
  });

  it("has the names of allowed ports, and localhost only for IPv4", () => {
    const allowed = ["127.0.0.1:1", "[::1]:2", "proxy.test:3", "proxy.test:4"].map(parseAllowedPort);
    expect(formatPorts(allowed)).toEqual(["proxy.test"]);
    expect(hostsFile("box", [], allowed, noSockets)).toBe(`${usual}127.0.0.1\tproxy.test\n`);
    expect(hostsFile("box", [], [parseAllowedPort("localhost:1")], noSockets)).toBe(
      "127.0.0.1\tlocalhost box\n::1\tip6-localhost ip6-loopback\n",
    );
  });

  describe("with servers on loopback", () => {
    const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";
    const line = (address: string, port: number, state = "0A") => {
      const text = port.toString(16).toUpperCase().padStart(4, "0");
      const peer = `${"0".repeat(address.length)}:0000`;
      return `   0: ${address}:${text} ${peer} ${state} 00000000:00000000 00:00000000 00000000     0\n`;
    };
    const [ipv4, ipv6, anyIpv6, otherIpv6] = [
      "0100007F",
      "00000000000000000000000001000000",
      "0".repeat(32),
      "000000FD000000000000000002000000",
    ] as const;

    it.each([
      ["IPv6 alone", "", line(ipv6, 3000), "::1"],
      ["IPv6 alone, with a connection of IPv4", line(ipv4, 3000, "01"), line(ipv6, 3000), "::1"],
      ["both", line(ipv4, 3000), line(ipv6, 3000), "127.0.0.1"],
      ["all addresses", "", line(anyIpv6, 3000), "127.0.0.1"],
      ["another address of IPv6", "", line(otherIpv6, 3000), "127.0.0.1"],
      ["another port", "", line(ipv6, 3001), "127.0.0.1"],
    ])("uses the address of a server on %s", (_, tcp, tcp6, address) => {
      const sockets = { tcp: head + tcp, tcp6: head + tcp6 };
      const allowed = ["localhost:3000", "proxy.test:3000"].map(parseAllowedPort);
      const hosts = [{ name: "gw", address: "host-gateway" }];
      const lines = hostsFile("box", hosts, allowed, () => sockets).split("\n");
      expect(lines.filter((text) => text.split(/\s/).includes("localhost"))).toEqual([
        expect.stringMatching(`^${address}\t`),
      ]);
      expect(lines).toContain(`${address}\tproxy.test`);
      expect(lines).toContain(`${address}\tgw`);
    });
  });
});
