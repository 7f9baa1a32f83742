import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accessSettings } from "../../../schemas/access.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { AccessCopies } from "../../../src/worker/access/access-copies.ts";

const settings = accessSettings.parse({ public: ["lib/*"] });
const token = {
  id: "0123456789abcdef",
  hash: `sha256:${"0".repeat(64)}`,
  name: "ci",
  scopes: ["pull:team/*"],
  created: "2026-01-01T00:00:00.000Z",
  used: "2026-01-02",
};

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-01-02T12:00:00Z"), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a copy is valid for ten minutes, also in a restored backup", async () => {
  const copies = new AccessCopies(memoryStore());
  await copies.keepSettings(settings);
  await copies.keepToken(token);
  vi.setSystemTime(Date.now() + 10 * 60_000 - 1);
  expect(await copies.settings()).toEqual(settings);
  expect(await copies.token(token.id)).toEqual(token);
  vi.setSystemTime(Date.now() + 1);
  expect(await copies.settings()).toBeUndefined();
  expect(await copies.token(token.id)).toBeUndefined();
});

test("a copy of a token not used today is ignored, so that the object records the use", async () => {
  const copies = new AccessCopies(memoryStore());
  await copies.keepToken({ ...token, used: "2026-01-01" });
  expect(await copies.token(token.id)).toBeUndefined();
});

test("a removed token has no copy", async () => {
  const copies = new AccessCopies(memoryStore());
  await copies.keepToken(token);
  await copies.removeToken(token.id);
  expect(await copies.token(token.id)).toBeUndefined();
});
