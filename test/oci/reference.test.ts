import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  familiarReference,
  formatReference,
  InvalidReferenceError,
  parseReference,
  withDefaultTag,
} from "../../src/oci/reference.ts";
import { sha256 } from "../../src/streams/sha256.ts";

const digest = sha256("content");

describe("parseReference()", () => {
  test.each([
    ["alpine", "docker.io/library/alpine"],
    ["alpine:3.20", "docker.io/library/alpine:3.20"],
    ["me/app", "docker.io/me/app"],
    ["docker.io/alpine", "docker.io/library/alpine"],
    ["index.docker.io/library/alpine", "docker.io/library/alpine"],
    ["ghcr.io/o/r/s:v1", "ghcr.io/o/r/s:v1"],
    ["localhost/app", "localhost/app"],
    ["localhost:5000/app:1", "localhost:5000/app:1"],
    ["[::1]:5000/app", "[::1]:5000/app"],
    ["UPPER/app", "UPPER/app"],
    ["a__b/c-d.e_f---g", "docker.io/a__b/c-d.e_f---g"],
    [`alpine@${digest}`, `docker.io/library/alpine@${digest}`],
    [`x.y:1/z:t@${digest}`, `x.y:1/z:t@${digest}`],
    ["alpine:5000", "docker.io/library/alpine:5000"],
  ])("%s is %s", (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  test.each([
    ["FOO", "invalid reference format: repository name (library/FOO) must be lowercase"],
    ["me/App:x", "invalid reference format: repository name (me/App) must be lowercase"],
    ["", "invalid reference format"],
    ["a b", "invalid reference format"],
    ["-a", "invalid reference format"],
    ["a/", "invalid reference format"],
    ["a//b", "invalid reference format"],
    ["a:", "invalid reference format"],
    ["a:b:c", "invalid reference format"],
    [`a:${"t".repeat(129)}`, "invalid reference format"],
    ["a.b_c/x", "invalid reference format"],
    ["https://a.b/c", "invalid reference format"],
    ["a@sha256:12", "invalid reference format"],
    [`a@sha256:${"0".repeat(32)}`, "invalid checksum digest length"],
    [`a@md5:${"0".repeat(32)}`, "unsupported digest algorithm"],
    [
      "0".repeat(64),
      `invalid repository name (${"0".repeat(64)}), cannot specify 64-byte hexadecimal strings`,
    ],
    [`x.y/${"a".repeat(256)}`, "repository name must not be more than 255 characters"],
  ])("rejects %j", (text, message) => {
    expect(() => parseReference(text)).toThrow(new InvalidReferenceError(message));
  });

  test("reads hostile texts in linear time", () => {
    const before = performance.now();
    for (const text of [
      `${"a-".repeat(900)}!`,
      `${"a.".repeat(500)}/${"a".repeat(200)}!`,
      `${"a--".repeat(600)}_/b`,
    ]) {
      expect(() => parseReference(text)).toThrow(InvalidReferenceError);
    }
    expect(performance.now() - before).toBeLessThan(5000);
  });

  const pieces = fc.constantFrom(
    "a",
    "b1",
    "A",
    ".",
    "-",
    "_",
    "/",
    ":",
    "@",
    "localhost",
    "docker.io",
    "library",
    digest,
  );
  const anyReference = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(""));

  test("accepted references read back the same, in full or short form", () => {
    fc.assert(
      fc.property(anyReference, (text) => {
        let reference: ReturnType<typeof parseReference>;
        try {
          reference = parseReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidReferenceError);
          return;
        }
        expect(parseReference(formatReference(reference))).toEqual(reference);
        expect(parseReference(familiarReference(reference))).toEqual(reference);
      }),
      { numRuns: 3000 },
    );
  });
});

test.each([
  ["docker.io/library/alpine:3", "alpine:3"],
  ["docker.io/me/app", "me/app"],
  ["docker.io/library/a/b", "library/a/b"],
  ["ghcr.io/o/r", "ghcr.io/o/r"],
])("%s is displayed in short as %s", (full, short) => {
  expect(familiarReference(parseReference(full))).toBe(short);
});

test("a reference gets the tag latest when it has none and no digest", () => {
  expect(withDefaultTag(parseReference("a")).tag).toBe("latest");
  expect(withDefaultTag(parseReference("a:b")).tag).toBe("b");
  expect(withDefaultTag(parseReference(`a@${digest}`)).tag).toBeUndefined();
});
