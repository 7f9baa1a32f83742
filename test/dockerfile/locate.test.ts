import { describe, expect, test } from "vitest";
import { locate } from "../../src/dockerfile/locate.ts";

const text = ["# top", "FROM a AS b", "  COPY --from=x \\", "  # not: gone", "    gone/a \\", "    a /a", ""];
const copy = { start: 3, end: 6 };

describe("locate", () => {
  test("finds a word on any line of its instruction", () => {
    expect(locate(text, { lines: copy, words: ["gone/a"] })).toEqual({ line: 5, column: 5 });
    expect(locate(text, { lines: copy, words: ["x"] })).toEqual({ line: 3, column: 15 });
  });

  test("prefers a separate word to a part of one, and ignores comments", () => {
    expect(locate(text, { lines: copy, words: ["a"] })).toEqual({ line: 6, column: 5 });
    expect(locate(text, { lines: copy, words: ["gone"] })).toEqual({ line: 5, column: 5 });
  });

  test("tries one spelling after the other", () => {
    expect(locate(text, { lines: copy, words: ["/gone/a", "gone/a"] })).toEqual({ line: 5, column: 5 });
  });

  test("returns the beginning of the instruction when the word is missing", () => {
    expect(locate(text, { lines: copy, words: ["none", ""] })).toEqual({ line: 3, column: 3 });
    expect(locate(text, { lines: { start: 2, end: 2 } })).toEqual({ line: 2, column: 1 });
  });

  test("finds words of any length", () => {
    const long = "a".repeat(2_000_000);
    const lines = { start: 1, end: 2 };
    expect(locate(["COPY \\", `${long} /`], { lines, words: [`${long}a`, long] })).toEqual({
      line: 2,
      column: 1,
    });
  });

  test("uses a known column, and finds no position for a missing text", () => {
    expect(locate(text, { lines: copy, column: 9, words: ["a"] })).toEqual({ line: 3, column: 9 });
    expect(locate(text, { lines: { start: 0, end: 0 } })).toBeUndefined();
  });
});
