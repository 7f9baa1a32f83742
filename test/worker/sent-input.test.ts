import { expect, test } from "vitest";
import { MAX_INPUT, SentInput } from "../../src/worker/runners/sent-input.ts";

// Input that a terminal's client has sent and its container has not read yet.

const input = (length: number) => ({ type: "input" as const, text: "x".repeat(length) });
const resize = { type: "resize" as const, rows: 20, columns: 80 };

test("input is accepted up to the limit, and more after some was read", () => {
  const sent = new SentInput(0);
  expect(sent.add(input(MAX_INPUT), 0)).toBe(true);
  expect(sent.read(10)).toBe(0);
  expect(sent.add(input(10), 0)).toBe(true);
  expect(sent.add(input(1), 0)).toBe(false);
});

test("read input is reported in large parts", () => {
  const sent = new SentInput(0);
  const reports = Array.from({ length: MAX_INPUT }, () => sent.read(1)).filter(
    (characters) => characters > 0,
  );
  expect(reports).toEqual([1, 2, 3, 4].map(() => MAX_INPUT / 4));
});

test("the rate of messages is limited", () => {
  const sent = new SentInput(0);
  const accepted = (count: number, now: number) =>
    Array.from({ length: count }, () => sent.add(resize, now)).filter(Boolean).length;
  expect(accepted(6_000, 0)).toBe(5_000);
  expect(accepted(6_000, 1_500)).toBe(2_000);
});
