import { describe, expect, it } from "vitest";
import { criticalPath } from "../../src/progress/critical-path.ts";

describe("criticalPath()", () => {
  const vertex = (id: string, duration: number, ...inputs: string[]) => ({ id, duration, inputs });

  it("is the longest chain, not the sum", () => {
    const diamond = [vertex("a", 1), vertex("b", 4, "a"), vertex("c", 2, "a"), vertex("d", 1, "b", "c")];
    expect(criticalPath(diamond)).toEqual({ duration: 6, ids: ["a", "b", "d"] });
    expect(criticalPath([vertex("a", 3), vertex("b", 4)])).toEqual({ duration: 4, ids: ["b"] });
    expect(criticalPath([])).toEqual({ duration: 0, ids: [] });
  });

  it("ignores an input that is not a vertex, and counts a repeated input once", () => {
    expect(criticalPath([vertex("b", 4, "base image")])).toEqual({ duration: 4, ids: ["b"] });
    expect(criticalPath([vertex("a", 1), vertex("b", 4, "a", "a")])).toEqual({
      duration: 5,
      ids: ["a", "b"],
    });
  });

  it("throws for a cycle", () => {
    expect(() => criticalPath([vertex("a", 1, "b"), vertex("b", 1, "a")])).toThrow("cycle at a");
  });

  it("accepts a chain of many vertices", () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => vertex(`${index}`, 1, `${index - 1}`));
    expect(criticalPath(chain).duration).toBe(50_000);
  });
});
