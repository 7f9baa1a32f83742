import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type ContextFile, contextFiles } from "../bench/make-context.ts";
import { median, table } from "../bench/report/table.ts";

describe("contextFiles()", () => {
  function first(count: number): ContextFile[] {
    const files: ContextFile[] = [];
    for (const file of contextFiles()) {
      if (files.push(file) === count) break;
    }
    return files;
  }

  it("makes the same files each time, each path once", () => {
    const digest = () => {
      const hash = createHash("sha256");
      for (const { path, content } of first(400)) hash.update(path).update(content);
      return hash.digest("hex");
    };
    expect(digest()).toBe(digest());
    const paths = first(600).map((file) => file.path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("makes text that compresses as source does", () => {
    const text = Buffer.concat(first(800).map(({ content }) => content));
    const share = gzipSync(text).length / text.length;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.32);
  });
});

describe("median()", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect(median([10, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe("table()", () => {
  it("lines up columns", () => {
    const rows = [
      ["step", "docker"],
      ["a long step", "1.00 s"],
    ];
    expect(table(rows)).toBe("step         docker\na long step  1.00 s");
  });
});
