import { expect, test } from "vitest";
import { Attempts } from "../../../src/worker/access/attempts.ts";
import { clientAddress } from "../../../src/worker/access/client-address.ts";

test("an address that has failed too often waits until its minute is over", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 20; i++) {
    expect(attempts.waitOf("a", "admin", 1000)).toBe(0);
    attempts.fail("a", `name ${i}`, 1000 + i);
  }
  expect(attempts.waitOf("a", "admin", 2000)).toBe(59_000);
  expect(attempts.waitOf("b", "admin", 2000)).toBe(0);
  expect(attempts.waitOf("a", "admin", 61_000)).toBe(0);
});

test("a name that many addresses have failed with waits, but not for those who know its secret", () => {
  const attempts = new Attempts();
  attempts.succeed("home", "admin");
  for (let i = 0; i < 200; i++) attempts.fail(`bot ${i}`, "admin", 0);
  expect(attempts.waitOf("new", "admin", 1)).toBe(59_999);
  expect(attempts.waitOf("new", "other", 1)).toBe(0);
  expect(attempts.waitOf("home", "admin", 1)).toBe(0);
});

test("memory is bounded", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 20; i++) attempts.fail("first", "x", 0);
  for (let i = 0; i < 20_000; i++) attempts.fail(`a${i}`, `n${i}`, 0);
  expect(attempts.waitOf("first", "y", 1)).toBe(0);
});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1"],
])("%s counts like %s", (one, other) => {
  const of = (address: string) => clientAddress(new Headers({ "cf-connecting-ip": address }));
  expect(of(one)).toBe(of(other));
});

test("other networks count apart", () => {
  const of = (address: string) => clientAddress(new Headers({ "cf-connecting-ip": address }));
  const all = ["203.0.113.7", "203.0.113.8", "2001:db8:1:2::1", "2001:db8:1:3::1", "not an address"].map(of);
  expect(new Set(all).size).toBe(5);
  expect(clientAddress(new Headers())).toBe("unknown");
});
