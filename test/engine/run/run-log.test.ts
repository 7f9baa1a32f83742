import { expect, test } from "vitest";
import { RunLog } from "../../../src/engine/run/run-log.ts";

function log() {
  const told: string[] = [];
  return { told, log: new RunLog((stream, text) => told.push(`${stream}: ${text}`)) };
}

test("lines are told when they are whole, those of each stream by themselves", () => {
  const { told, log: lines } = log();
  lines.add("stdout", "a");
  lines.add("stderr", "x\ny");
  lines.add("stdout", "b\nc\nd");
  lines.end();
  expect(told).toEqual(["stderr: x\n", "stdout: ab\nc\n", "stdout: d\n", "stderr: y\n"]);
});

test("a line without end is told in pieces", () => {
  const { told, log: lines } = log();
  for (let i = 0; i < 5; i++) lines.add("stdout", "x".repeat(10_000));
  lines.end();
  expect(told.map(({ length }) => length - "stdout: ".length)).toEqual([20_000, 20_000, 10_001]);
});

test("an error quotes the last ten lines of both streams", () => {
  const { log: lines } = log();
  for (let i = 0; i < 20; i++) lines.add(i % 2 ? "stdout" : "stderr", `${i}\n`);
  expect(lines.last).toEqual(["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"]);
});

test("no more than 2 MiB are kept, but the last lines are known", () => {
  const { told, log: lines } = log();
  for (let i = 0; i < 300; i++) lines.add("stdout", `${"x".repeat(9999)}\n`);
  lines.add("stdout", "the last one\n");
  const text = told.join("");
  expect(text.length).toBeLessThan(2.1 * 2 ** 20);
  expect(text.match(/\[output clipped, log limit 2MiB reached\]\n/g)).toHaveLength(1);
  expect(lines.last.at(-1)).toBe("the last one");
});
