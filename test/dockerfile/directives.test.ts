import { expect, test } from "vitest";
import { findCheck } from "../../src/dockerfile/directives.ts";

test.each([
  ["# check=skip=A, B", "skip=A, B"],
  ["\ufeff#check = a\nFROM x", "a"],
  ["#!/usr/bin/env frontend\n# escape=`\r\n# CHECK=a\r\n", "a"],
  ["FROM x\n# check=a", undefined],
  ["\n# check=a", undefined],
  ["# syntax=a\n# syntax=b\n# check=c", undefined],
  ["", undefined],
])("the check directive of %j", (text, expected) => expect(findCheck(text)).toBe(expected));
