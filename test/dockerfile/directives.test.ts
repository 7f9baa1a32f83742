import { describe, expect, test } from "vitest";
import { detectSyntax, findDirective } from "../../src/dockerfile/directives.ts";

describe("the frontend that a text requests", () => {
  test.each([
    ["# syntax=a/b:1", "a/b:1"],
    ["\ufeff#syntax = a with options\nFROM x", "a"],
    ["#!/usr/bin/env frontend\n# escape=`\r\n# SYNTAX=a\r\n", "a"],
    ["// syntax=a\n{}", "a"],
    ['{"syntax": "a"}', "a"],
    ['{"syntax": 1}', undefined],
    ["{", undefined],
    ["FROM x\n# syntax=a", undefined],
    ["\n# syntax=a", undefined],
    ["", undefined],
  ])("%j", (text, expected) => expect(detectSyntax(text)).toBe(expected));
});

test("a directive is found with all of its value", () => {
  expect(findDirective("# check=skip=A, B", "check")).toBe("skip=A, B");
  expect(findDirective("# syntax=a\n# syntax=b\n# check=c", "check")).toBeUndefined();
});
