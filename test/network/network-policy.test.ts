import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkUrl,
  isLoopbackHost,
  isSameHost,
  type NetworkPolicy,
  reachesThisMachine,
} from "../../src/network/network-policy.ts";

const closed: NetworkPolicy = { allowLoopback: false };
const local: NetworkPolicy = { allowLoopback: true };

function verdict(url: string, policy: NetworkPolicy): string {
  try {
    checkUrl(new URL(url), policy);
    return "allowed";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("checkUrl()", () => {
  test.each([
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://localhost../",
    "https://user:password@localhost/",
    "https://a.localhost/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://①②⑦.⓪.⓪.①/",
  ])("%s is this machine", (url) => {
    expect(verdict(url, closed)).toBe("ADDRESS_REFUSED");
    expect(verdict(url, local)).toBe("allowed");
    expect(verdict(url.replace("https", "http"), local)).toBe("allowed");
  });

  test.each([
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://0xa9fea9fe/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::a00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:a00:1::]/",
    "https://[2001::1]/",
    "https://[2001:db8::1]/",
    "https://[ff02::1]/",
    "https://[::10.0.0.1]/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://intranet/",
    "https://localhost.localdomain/",
    "https://metadata.google.internal../",
  ])("%s is private", (url) => {
    expect(verdict(url, closed)).toBe("ADDRESS_REFUSED");
    expect(verdict(url, local)).toBe("ADDRESS_REFUSED");
  });

  test.each([
    "https://registry-1.docker.io/v2/",
    "https://8.8.8.8/",
    "https://172.32.0.1/",
    "https://[2606:4700::1111]/",
    "https://[::ffff:8.8.8.8]/",
    "https://localhost.example.com/",
  ])("%s is public", (url) => {
    expect(verdict(url, closed)).toBe("allowed");
    expect(verdict(url.replace("https", "http"), local)).toBe("SCHEME_REFUSED");
    expect(verdict(url.replace("https", "http"), { ...closed, allowPlainHttp: true })).toBe("allowed");
  });

  test.each(["ftp://example.com/", "file:///etc/passwd", "data:,x", "javascript:1"])(
    "%s cannot be fetched",
    (url) => {
      expect(verdict(url, { ...local, allowPlainHttp: true })).toBe("SCHEME_REFUSED");
    },
  );

  test("origins of the operator are trusted at their ports", () => {
    const policy = { ...closed, trustedOrigins: ["http://10.0.0.5:5000"] };
    expect(verdict("http://10.0.0.5:5000/v2/", policy)).toBe("allowed");
    expect(verdict("http://10.0.0.5:5001/v2/", policy)).toBe("ADDRESS_REFUSED");
  });

  test("every way to write a private IPv4 address is rejected", () => {
    const byte = fc.nat(255);
    const written = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `0x${n.toString(16)}`,
      (n: number) => `0${n.toString(8)}`,
    );
    fc.assert(
      fc.property(byte, byte, byte, written, fc.boolean(), (b, c, d, write, short) => {
        const host = short
          ? write(10 * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d)
          : [10, b, c, d].map(write).join(".");
        expect(verdict(`https://${host}/`, local)).toBe("ADDRESS_REFUSED");
      }),
    );
  });
});

test.each([
  ["localhost:5000", true],
  ["127.0.0.1", true],
  ["[::1]:5000", true],
  ["docker.io", false],
  ["10.0.0.1", false],
  ["not a host", false],
])("isLoopbackHost(%j) is %s", (host, loopback) => {
  expect(isLoopbackHost(host)).toBe(loopback);
});

test.each([
  ["localhost:5000", "127.0.0.1:5000", true],
  ["[::1]:5000", "localhost.:5000", true],
  ["localhost", "127.0.0.1:80", true],
  ["localhost:5000", "localhost:5001", false],
  ["docker.io", "docker.io", true],
  ["localhost:5000", "example.com:5000", false],
  ["10.0.0.1:5000", "10.0.0.2:5000", false],
])("isSameHost(%j, %j) is %s", (one, other, same) => {
  expect([isSameHost(one, other), isSameHost(other, one)]).toEqual([same, same]);
});

test.each([
  ["http://localhost:8787/", true],
  ["http://127.1:8787/", true],
  ["http://[::ffff:127.0.0.1]:8787/", true],
  ["http://name.example.com/", true],
  ["http://8.8.8.8/", false],
  ["http://10.0.0.1/", false],
  ["http://[2606:4700::1111]/", false],
  ["https://registry-1.docker.io/", false],
  ["https://localhost/", false],
])("reachesThisMachine(%j) is %s", (url, reaches) => {
  expect(reachesThisMachine(new URL(url))).toBe(reaches);
});
