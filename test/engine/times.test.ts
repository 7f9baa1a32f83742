import { expect, test } from "vitest";
import { formatConfigTime } from "../../src/engine/times.ts";

test.each([
  ["2026-11-29T02:38:10.000Z", "2026-11-29T02:38:10Z"],
  ["2026-11-29T02:38:07.780Z", "2026-11-29T02:38:07.78Z"],
  ["2026-11-29T02:38:07.700Z", "2026-11-29T02:38:07.7Z"],
  ["2026-11-29T02:38:07.007Z", "2026-11-29T02:38:07.007Z"],
])("%s is formatted as in Go: %s", (time, expected) => {
  expect(formatConfigTime(Date.parse(time))).toBe(expected);
});
