import fc from "fast-check";
import { expect, test } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import { readProvenance } from "../../../schemas/provenance-option.ts";

const max = { mode: "max", reproducible: false };

test.each([
  ["", false],
  ["false", false],
  ["0", false],
  ["false,builder-id=https://x", false],
  ["mode=max,disabled=true", false],
  ["true", max],
  ["1", max],
  ["mode=max", max],
  ["mode=full", max],
  ["mode=min", { ...max, mode: "min" }],
  ["type=provenance,mode=min,inline-only=true", { ...max, mode: "min" }],
  ["version=v1, reproducible=true", { ...max, reproducible: true }],
  ["builder-id=https://x/?a=b", { ...max, builderId: "https://x/?a=b" }],
  ["builder-id=", max],
])("%j requests %j", (text, expected) => {
  expect(readProvenance(text)).toEqual(expected);
});

test.each(["mode", "mode=most", "version=v0.2", "reproducible=maybe", "disabled=", "perhaps", ","])(
  "%j is not a valid option",
  (text) => {
    expect(() => readProvenance(text)).toThrow(TypeError);
  },
);

test("any value is accepted, or rejected with a message", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        readProvenance(text);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).not.toBe("");
      }
    }),
  );
});

test("the query overrides the body, also to disable it", () => {
  const asked = (query: string, body: object) => readOptions(new URLSearchParams(query), body).provenance;
  expect(asked("", { provenance: true })).toEqual(max);
  expect(asked("", { provenance: "mode=min" })).toMatchObject({ mode: "min" });
  expect(asked("provenance=mode%3Dmax", { provenance: { mode: "min" } })).toEqual(max);
  expect(asked("provenance=false", { provenance: true })).toBe(false);
  expect(asked("", {})).toBe(false);
});
