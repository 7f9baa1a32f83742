import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TarError } from "../../src/tar/error.ts";
import { entryPath } from "../../src/tar/path.ts";

const limits = { maxNameBytes: 4096, maxDepth: 100 };
const clamp = (name: string) => entryPath(name, "clamp", limits);

describe("cleanPath", () => {
  it.each([
    ["a/b", "a/b"],
    ["a/b/", "a/b"],
    ["./a", "a"],
    [".", ""],
    ["./", ""],
    ["/", ""],
    ["", ""],
    ["/etc/passwd", "etc/passwd"],
    ["a//b", "a/b"],
    ["a/./b", "a/b"],
    ["a/../b", "b"],
    ["a/b/../../c/.", "c"],
    ["..a/...", "..a/..."],
    ["a.", "a."],
  ])("cleans %j to %j", (name, path) => {
    expect(clamp(name)).toBe(path);
    expect(entryPath(name, "refuse", limits)).toBe(path);
  });

  it.each([
    ["../../etc/shadow", "etc/shadow"],
    ["a/../../b", "b"],
    ["/..", ""],
    ["..", ""],
  ])("stops %j at the root, or rejects it", (name, path) => {
    expect(clamp(name)).toBe(path);
    expect(() => entryPath(name, "refuse", limits)).toThrow(TarError);
    expect(() => entryPath(name, "refuse", limits)).toThrow(JSON.stringify(name));
  });

  it("always returns clean names", () => {
    const segment = fc.constantFrom("", ".", "..", "a", "b", "...", ".a", "文");
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        const path = clamp(segments.join("/"));
        for (const name of path === "" ? [] : path.split("/")) expect(["", ".", ".."]).not.toContain(name);
        expect(clamp(path)).toBe(path);
      }),
    );
  });

  it("bounds names by their bytes", () => {
    const long = (unit: string, count: number) =>
      Array.from({ length: 100 }, () => unit.repeat(count)).join("/");
    expect(clamp(long("a", 39))).toHaveLength(3999);
    expect(() => clamp(long("a", 41))).toThrow(expect.objectContaining({ code: "name-too-long" }));
    expect(() => clamp(long("文", 14))).toThrow(expect.objectContaining({ code: "name-too-long" }));
    expect(clamp(`d/${"a".repeat(255)}/f`)).toHaveLength(259);
    expect(() => clamp(`d/${"a".repeat(256)}/f`)).toThrow(expect.objectContaining({ code: "name-too-long" }));
    expect(clamp("文".repeat(85))).toHaveLength(85);
    expect(() => clamp("文".repeat(86))).toThrow(expect.objectContaining({ code: "name-too-long" }));
  });

  it("bounds the depth", () => {
    expect(clamp("a/".repeat(100))).toHaveLength(199);
    expect(() => clamp("a/".repeat(101))).toThrow(expect.objectContaining({ code: "too-deep" }));
  });
});
