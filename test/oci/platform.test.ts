import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatPlatform,
  InvalidPlatformError,
  normalizePlatform,
  type Platform,
  parsePlatform,
  samePlatform,
} from "../../src/oci/platform.ts";
import { choosePlatform, runnablePlatforms } from "../../src/oci/platform-match.ts";

describe("parsePlatform()", () => {
  test.each([
    ["linux", "linux/amd64"],
    ["arm64", "linux/arm64"],
    ["arm", "linux/arm"],
    ["x86_64", "linux/amd64"],
    ["macOS", "darwin/amd64"],
    ["linux/x86-64", "linux/amd64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64/v8"],
    ["linux/arm/v7", "linux/arm/v7"],
    ["linux/arm/7", "linux/arm/v7"],
    ["linux/armhf", "linux/arm"],
    ["linux/armel", "linux/arm/v6"],
    ["Linux/I386", "linux/386"],
    ["linux/amd64/v1", "linux/amd64"],
    ["plan9/anything", "plan9/anything"],
  ])("%s is %s", (specifier, formatted) => {
    expect(formatPlatform(parsePlatform(specifier))).toBe(formatted);
  });

  test("keeps version and features of the operating system", () => {
    expect(parsePlatform("windows(10.0.17763+win32k%2Bx)/amd64")).toEqual({
      os: "windows",
      architecture: "amd64",
      "os.version": "10.0.17763",
      "os.features": ["win32k+x"],
    });
  });

  test.each([
    ["foo/bar/baz/qux", '"foo/bar/baz/qux": cannot parse platform specifier: invalid argument'],
    [
      "linux//x",
      '"" is an invalid component of "linux//x": platform specifier component must match ' +
        '"^[A-Za-z0-9_.-]+$": invalid argument',
    ],
    ["nonsense", '"nonsense": unknown operating system or architecture: invalid argument'],
    ["*", '"*": wildcards not yet supported: invalid argument'],
  ])("rejects %j as containerd does", (specifier, message) => {
    expect(() => parsePlatform(specifier)).toThrow(new InvalidPlatformError(message));
  });

  test("any text is accepted, or rejected with a code", () => {
    const text = fc.string({
      unit: fc.constantFrom("linux", "arm", "/", "(", ")", "+", "%", "v8", "1", "é"),
    });
    fc.assert(
      fc.property(text, (specifier) => {
        try {
          const platform = parsePlatform(specifier);
          expect(normalizePlatform(normalizePlatform(platform))).toEqual(normalizePlatform(platform));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPlatformError);
        }
      }),
    );
  });
});

test.each([
  ["linux/arm64/v8", "linux/arm64", true],
  ["linux/arm", "linux/arm/v7", true],
  ["linux/amd64", "linux/x86_64", true],
  ["linux/amd64", "linux/amd64/v2", false],
])("%s and %s are the same: %s", (a, b, same) => {
  expect(samePlatform(parsePlatform(a), parsePlatform(b))).toBe(same);
});

describe("runnablePlatforms()", () => {
  test.each([
    ["linux/amd64", ["linux/amd64", "linux/386"]],
    ["linux/amd64/v3", ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64/v1", "linux/386"]],
    ["linux/arm", ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]],
    ["linux/arm/v5", ["linux/arm/v5"]],
    ["linux/arm64", ["linux/arm64/v8", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]],
    ["linux/riscv64", ["linux/riscv64"]],
    ["linux/arm64/v10", []],
  ])("on %s run %j", (platform, runnable) => {
    expect(runnablePlatforms(parsePlatform(platform)).map(formatPlatform)).toEqual(runnable);
  });

  test("arm64/v9.2 runs v8.7", () => {
    const runnable = runnablePlatforms(parsePlatform("linux/arm64/v9.2")).map(formatPlatform);
    expect(runnable.slice(0, 5)).toEqual([
      "linux/arm64/v9.2",
      "linux/arm64/v9.1",
      "linux/arm64/v9",
      "linux/arm64/v8.7",
      "linux/arm64/v8.6",
    ]);
  });
});

describe("choosePlatform()", () => {
  const choose = (wanted: string, offered: string[]) =>
    choosePlatform(parsePlatform(wanted), offered, parsePlatform);

  test.each<[wanted: string, offered: string[], chosen: string | undefined]>([
    ["linux/amd64", ["linux/386", "linux/amd64"], "linux/amd64"],
    ["linux/amd64", ["linux/386", "linux/arm64"], "linux/386"],
    ["linux/arm64", ["linux/arm/v7", "linux/arm64/v8"], "linux/arm64/v8"],
    ["linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6"],
    ["linux/arm/v6", ["linux/arm/v7"], undefined],
    ["linux/amd64", ["windows/amd64"], undefined],
    [
      "windows(10.0.20348)/amd64",
      ["windows(10.0.17763)/amd64", "windows(10.0.20348.1)/amd64"],
      "windows(10.0.20348.1)/amd64",
    ],
  ])("for %s of %j: %s", (wanted, offered, chosen) => {
    expect(choose(wanted, offered)).toBe(chosen);
  });

  test("prefers more of the available features, and never an unavailable one", () => {
    const offered: Platform[] = [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "amd64", "os.features": ["a"] },
      { os: "linux", architecture: "amd64", "os.features": ["a", "z"] },
    ];
    const wanted = { os: "linux", architecture: "amd64", "os.features": ["b", "a"] };
    expect(choosePlatform(wanted, offered, (platform) => platform)).toBe(offered[1]);
  });
});
