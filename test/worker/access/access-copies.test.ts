import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accessSettings } from "../../../schemas/access.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { AccessCopies } from "../../../src/worker/access/access-copies.ts";

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const settings = accessSettings.parse({ public: ["lib/*"] });
const token = {
  id: "0123456789abcdef",
  hash: `sha256:${"0".repeat(64)}`,
  name: "ci",
  scopes: ["pull:team/*"],
  created: "2026-01-01T00:00:00.000Z",
  used: "2026-01-02",
};
const began = Date.parse("2026-01-02T12:00:00Z");

beforeEach(() => {
  vi.useFakeTimers({ now: began, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a copy is due for renewal after five minutes, and valid for a week", async () => {
  const copies = new AccessCopies(memoryStore());
  await copies.keepSettings(settings);
  await copies.keepToken(token);
  const renew = began + 5 * MINUTE;
  expect(await copies.settings()).toEqual({ value: settings, renew });
  expect(await copies.token(token.id)).toEqual({ value: token, renew });
  vi.setSystemTime(began + WEEK - 1);
  expect(await copies.settings()).toEqual({ value: settings, renew });
  expect((await copies.token(token.id))?.value).toEqual(token);
  vi.setSystemTime(began + WEEK);
  expect(await copies.settings()).toBeUndefined();
  expect(await copies.token(token.id)).toBeUndefined();
});

test("a copy of a token not used today is due at once, so that the object records the use", async () => {
  const copies = new AccessCopies(memoryStore());
  for (const used of ["2026-01-01", undefined]) {
    await copies.keepToken({ ...token, used });
    expect((await copies.token(token.id))?.renew).toBe(0);
  }
});

test("a copy of a version that did not renew copies is due at once", async () => {
  const store = memoryStore();
  const bytes = new TextEncoder().encode(JSON.stringify({ until: began + MINUTE, settings }));
  await store.put("access/settings", bytes, bytes.length);
  expect(await new AccessCopies(store).settings()).toEqual({ value: settings, renew: 0 });
});

test("a removed token has no copy", async () => {
  const copies = new AccessCopies(memoryStore());
  await copies.keepToken(token);
  await copies.removeToken(token.id);
  expect(await copies.token(token.id)).toBeUndefined();
});
