import fc from "fast-check";
import { expect, test } from "vitest";
import { LineError, lineBatches, splitLines } from "../../src/streams/lines.ts";
import { source } from "./source.ts";

const encoder = new TextEncoder();

async function linesOf(bytes: Uint8Array, size: number, max?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of lineBatches(source(bytes, size), max)) lines.push(...batch);
  return lines;
}

test("yields the same lines for any chunks", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const text = lines.map((one) => `${one}\n`).join("");
      expect(await linesOf(encoder.encode(text), size)).toEqual(lines);
    }),
  );
});

test("text after the last line end is a line", async () => {
  expect(await linesOf(encoder.encode("a\nb"), 1)).toEqual(["a", "b"]);
});

test("a line that is too long is rejected before its end", async () => {
  await expect(linesOf(encoder.encode("a\nbbbb"), 1, 3)).rejects.toThrow(LineError);
});

test.each([
  ["in the middle", [0x61, 0xff, 0x62]],
  ["at the end", [0x61, 0xc3]],
])("bytes that are not UTF-8 are rejected: %s", async (_, bytes) => {
  await expect(linesOf(Uint8Array.from(bytes), 2)).rejects.toThrow("it is not in UTF-8");
});

test("the lines of a text are those that split() finds", async () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "\r", "")).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      expect(await splitLines(given)).toEqual(given.split(/\r?\n/));
    }),
  );
});
