import { expect, test } from "vitest";
import { FRONT_PEER, FRONT_SECRET } from "../../../src/store/front-protocol.ts";
import { clientAddress } from "../../../src/worker/access/client-address.ts";
import { FailedLogins } from "../../../src/worker/access/failed-logins.ts";

test("an address with too many failures is blocked for the rest of the minute", () => {
  const attempts = new FailedLogins();
  for (let i = 0; i < 20; i++) expect(attempts.fail("a", 1000 + i)).toBe(0);
  expect(attempts.fail("a", 2000)).toBe(59_000);
  expect(attempts.fail("a", 60_000)).toBe(1000);
  expect(attempts.fail("b", 2000)).toBe(0);
  expect(attempts.fail("a", 61_000)).toBe(0);
});

test("failures of many addresses use a bounded amount of memory", () => {
  const attempts = new FailedLogins();
  for (let i = 0; i < 20; i++) attempts.fail("first", 0);
  expect(attempts.fail("first", 1)).toBeGreaterThan(0);
  for (let i = 0; i < 20_000; i++) attempts.fail(`a${i}`, 0);
  expect(attempts.fail("first", 1)).toBe(0);
});

const of = (address: string) => clientAddress(new Headers({ "cf-connecting-ip": address }), {});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1"],
])("failures of %s and %s are counted together", (one, other) => {
  expect(of(one)).toBe(of(other));
});

test("failures of different networks are counted separately", () => {
  const all = ["203.0.113.7", "203.0.113.8", "2001:db8:1:2::1", "2001:db8:1:3::1", "not an address"].map(of);
  expect(new Set(all).size).toBe(5);
  expect(clientAddress(new Headers(), {})).toBe("unknown");
});

test("behind a front, failures count for the address that the front sends", () => {
  const headers = new Headers({
    "cf-connecting-ip": "203.0.113.7",
    [FRONT_SECRET]: "secret",
    [FRONT_PEER]: "127.0.0.9",
  });
  expect(clientAddress(headers, { VARVE_FRONT_SECRET: "secret" })).toBe("127.0.0.9");
});
