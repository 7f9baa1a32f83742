import { describe, expect, it } from "vitest";
import { namesOf, parseAllowedPort } from "../../src/runner/allowed-port.ts";
import { hostsFile } from "../../src/runner/hosts-file.ts";
import { stepNameServers } from "../../src/runner/name-servers.ts";
import { ownAddresses } from "../../src/runner/own-addresses.ts";

describe("ownAddresses()", () => {
  it("returns those of all interfaces, up or down, except loopback", () => {
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
`;
    const inet6 = `fe8000000000000000fc00fffe000001 04 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000011 04 40 00 82     eth0
`;
    expect([...ownAddresses({ fibTrie, inet6 })]).toEqual([
      "192.0.2.2",
      "172.17.0.1",
      "fe80::fc:ff:fe00:1",
      "2001:db8::11",
    ]);
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
  ])("refuses %j", (text) => {
    expect(() => parseAllowedPort(text)).toThrow("is not HOST:PORT");
  });

  it.each(["192.0.2.2:80", "127.0.0.2:80", "[2001:db8::1]:80", "0.0.0.0:80"])(
    "refuses %s, which pasta cannot forward",
    (text) => {
      expect(() => parseAllowedPort(text)).toThrow("is not an address of this machine's loopback");
    },
  );
});

describe("hostsFile()", () => {
  const usual = "127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n";

  it("returns what docker build writes", () => {
    const hosts = [
      { name: "a", address: "1.2.3.4" },
      { name: "gw", address: "host-gateway" },
    ];
    expect(hostsFile("box", hosts, [])).toBe(`${usual}1.2.3.4\ta\n127.0.0.1\tgw\n`);
  });

  it("has the names of allowed ports, and localhost only for IPv4", () => {
    const allowed = ["127.0.0.1:1", "[::1]:2", "proxy.test:3", "proxy.test:4"].map(parseAllowedPort);
    expect(namesOf(allowed)).toEqual(["proxy.test"]);
    expect(hostsFile("box", [], allowed)).toBe(`${usual}127.0.0.1\tproxy.test\n`);
    expect(hostsFile("box", [], [parseAllowedPort("localhost:1")])).toBe(
      "127.0.0.1\tlocalhost box\n::1\tip6-localhost ip6-loopback\n",
    );
  });
});
