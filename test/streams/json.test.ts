import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson, parseLargeJson } from "../../src/streams/json.ts";

/** Long enough that every part is read in pieces. */
const long = fc.nat(9).chain((kind): fc.Arbitrary<unknown> => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const text = fc.string({ unit: "binary" });
  const padding = "x".repeat(70_000);
  if (kind < 3) return fc.array(value).map((list) => [...list, padding, ...list]);
  if (kind < 6)
    return fc.dictionary(text, value).map((object) => ({ ...object, [padding]: 1, last: list(9000) }));
  if (kind < 8)
    return fc.array(value).map((items) => ({ items: [[padding, [padding, items]], list(20_000)] }));
  return fc.constant({ __proto__x: padding, list: list(40_000) });
});

function list(length: number): unknown[] {
  return Array.from({ length }, (_, index) => (index % 3 === 0 ? { a: [index] } : `"\\${index},]}`));
}

describe("parseLargeJson()", () => {
  test("reads what JSON.parse reads", async () => {
    await fc.assert(
      fc.asyncProperty(long, fc.constantFrom(undefined, 1, "\t"), async (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(await parseLargeJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 60 },
    );
  });

  test("rejects an object of more than 250,000 members", async () => {
    const text = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":1`).join()}}`;
    await expect(parseLargeJson(text(250_001))).rejects.toThrow("more than 250000 members");
    expect(Object.keys((await parseLargeJson(text(250_000))) as object)).toHaveLength(250_000);
  });

  test("rejects what JSON.parse rejects", async () => {
    await fc.assert(
      fc.asyncProperty(long, fc.nat(), fc.constantFrom(...'[]{},:"\\x0 \n'), async (value, place, insert) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        const damaged = place % 2 === 0 ? text.slice(0, at) + insert + text.slice(at) : text.slice(0, at);
        let expected: unknown;
        try {
          expected = JSON.parse(damaged);
        } catch {
          await expect(parseLargeJson(damaged)).rejects.toThrow(SyntaxError);
          return;
        }
        expect(await parseLargeJson(damaged)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test.each(["", " ", "[", "{", "[1,]", "[,1]", "{,}", '{"a"}', '{"a":1,}', "[1]x", "[1][", '{"a":1}}', '"'])(
    "rejects %j, alone and within much else",
    async (text) => {
      const padding = `"${"x".repeat(70_000)}"`;
      for (const damaged of [
        text,
        `[${padding},${text}`,
        `{"a":${padding},"b":${text}}`,
        `[${padding}]${text}x`,
      ]) {
        expect(() => JSON.parse(damaged)).toThrow(SyntaxError);
        await expect(parseLargeJson(damaged)).rejects.toThrow(SyntaxError);
      }
    },
  );

  test("treats __proto__ as an ordinary name", async () => {
    const text = `{"__proto__":{"a":1},"b":"${"x".repeat(70_000)}"}`;
    const parsed = (await parseLargeJson(text)) as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(["__proto__", "b"]);
  });
});

test.each(["[", '{"a":', '[{"a":['])("JSON of many %s is rejected before it is parsed", async (part) => {
  const depth = 400_000;
  const text = part.repeat(depth);
  for (const parse of [parseJson, parseLargeJson])
    await expect(async () => parse(text)).rejects.toThrow("within each other");
  const brackets = "[".repeat(depth);
  await expect(parseLargeJson(`{"a":"${brackets}"}`)).resolves.toEqual({ a: brackets });
});
