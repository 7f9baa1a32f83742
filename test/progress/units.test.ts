import { expect, test } from "vitest";
import { formatByteCount, formatElapsed, formatSeconds, formatTransfer } from "../../src/progress/units.ts";

test.each<[number, string]>([
  [0, "0B"],
  [999, "999B"],
  [1000, "1.00kB"],
  [12_345, "12.35kB"],
  [999_999, "1.00MB"],
  [431e6, "431.00MB"],
  [1.5e12, "1.50TB"],
])("%d bytes are %s", (count, text) => {
  expect(formatByteCount(count)).toBe(text);
});

test("a transfer has its total if that is known", () => {
  expect(formatTransfer(5, undefined)).toBe("5B");
  expect(formatTransfer(5, 2000)).toBe("5B / 2.00kB");
});

test.each<[number, string, string]>([
  [-5, "0.0s", "0.000"],
  [123, "0.1s", "0.123"],
  [12_345, "12.3s", "12.35"],
  [123_456, "123.5s", "123.5"],
  [1_234_567, "1234.6s", "1234.6"],
])("%d ms are %s, and %s before a line of output", (milliseconds, seconds, elapsed) => {
  expect(formatSeconds(milliseconds)).toBe(seconds);
  expect(formatElapsed(milliseconds)).toBe(elapsed);
});
