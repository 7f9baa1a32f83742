import { expect, test } from "vitest";
import { RunLog } from "../../../src/engine/run/run-log.ts";

function log() {
  const reported: string[] = [];
  return { reported, log: new RunLog((stream, text) => reported.push(`${stream}: ${text}`)) };
}

test("lines are reported when complete, separately for each stream", () => {
  const { reported, log: lines } = log();
  lines.add("stdout", "a");
  lines.add("stderr", "x\ny");
  lines.add("stdout", "b\nc\nd");
  lines.end();
  expect(reported).toEqual(["stderr: x\n", "stdout: ab\nc\n", "stdout: d\n", "stderr: y\n"]);
});

test("a long line is reported in pieces", () => {
  const { reported, log: lines } = log();
  for (let i = 0; i < 5; i++) lines.add("stdout", "x".repeat(10_000));
  lines.end();
  expect(reported.map(({ length }) => length - "stdout: ".length)).toEqual([20_000, 20_000, 10_001]);
});

test("an error quotes the last ten lines of both streams", () => {
  const { log: lines } = log();
  for (let i = 0; i < 20; i++) lines.add(i % 2 ? "stdout" : "stderr", `${i}\n`);
  expect(lines.last).toEqual(["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"]);
});

test("no more than 2 MiB are kept, but the last lines are known", () => {
  const { reported, log: lines } = log();
  for (let i = 0; i < 300; i++) lines.add("stdout", `${"x".repeat(9999)}\n`);
  lines.add("stdout", "the last one\n");
  const text = reported.join("");
  expect(text.length).toBeLessThan(2.1 * 2 ** 20);
  expect(text.match(/\[output clipped, log limit 2MiB reached\]\n/g)).toHaveLength(1);
  expect(lines.last.at(-1)).toBe("the last one");
});
