import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { cleanPath } from "../../../src/dockerignore/clean-path.ts";
import { duration, goList, quoteList } from "../../../src/engine/plan/go-format.ts";
import { absolutePath, isAbsolutePath, joinPath, nextWorkdir } from "../../../src/engine/plan/os-path.ts";
import { readOwner } from "../../../src/engine/plan/owner.ts";
import { formatWithOsOptions } from "../../../src/engine/plan/platform-text.ts";
import { readPorts } from "../../../src/engine/plan/ports.ts";
import { namesSecret } from "../../../src/engine/plan/secret-name.ts";
import { isSignal } from "../../../src/engine/plan/signal.ts";

describe("Go's notation", () => {
  test.each([
    [0, "0s"],
    [1, "1ns"],
    [1_500, "1.5µs"],
    [20_000_000, "20ms"],
    [1_000_000_000, "1s"],
    [90_000_000_000, "1m30s"],
    [3_600_000_000_000, "1h0m0s"],
    [3_661_500_000_000, "1h1m1.5s"],
    [-1_500_000_000, "-1.5s"],
  ])("of %d nanoseconds", (nanoseconds, text) => {
    expect(duration(nanoseconds)).toBe(text);
  });

  it("of lists", () => {
    expect(goList([])).toBe("[]");
    expect(goList(["a", "b c"])).toBe("[a b c]");
    expect(quoteList(["a", 'b "c"\n', "é\u200b"])).toBe('["a" "b \\"c\\"\\n" "é\\u200b"]');
  });
});

describe("paths", () => {
  test.each([
    ["", "."],
    ["/", "/"],
    ["/../a/./b/..", "/a"],
    ["../a/../..", "../.."],
    ["a//b/", "a/b"],
  ])("%j is %j when clean", (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  const path = fc.string({ unit: fc.constantFrom(..."ab./\\"), maxLength: 12 });

  it("stay the same when cleaned again, and never lead above the root", () => {
    fc.assert(
      fc.property(path, (text) => {
        expect(cleanPath(cleanPath(text))).toBe(cleanPath(text));
        expect(joinPath("/", text)).not.toMatch(/\/\.\.(\/|$)/);
        expect(cleanPath(absolutePath("/w", text, "linux", true))).toMatch(/^\/(?!\.\.(\/|$))/);
      }),
    );
  });

  test.each([
    ["/w", "a", "/w/a"],
    ["/w", "a/", "/w/a/"],
    ["/w", "a/.", "/w/a/."],
    ["/w", "./", "/w/"],
    ["/", "./", "/"],
    ["/w", "/a//b/", "/a//b/"],
    ["", "a", "/a"],
  ])("%j joined with %j is %j on Linux", (parent, text, result) => {
    expect(absolutePath(parent, text, "linux", true)).toBe(result);
  });

  test.each([
    ["C:\\w", "a\\b", "/w/a/b"],
    ["\\", "c:\\x\\..\\y\\", "/y/"],
    ["\\", "c:x", "/x"],
  ])("%j joined with %j is %j on Windows", (parent, text, result) => {
    expect(absolutePath(parent, text, "windows", true)).toBe(result);
  });

  it("of Windows stay on the system drive", () => {
    expect(nextWorkdir("", "C:\\a", "windows")).toBe("\\a");
    expect(() => nextWorkdir("", "D:\\a", "windows")).toThrow("not on the system drive");
    expect(() => nextWorkdir("", "\\\\h\\s", "windows")).toThrow("UNC");
    expect(() => nextWorkdir("", "C:", "windows")).toThrow("No relative path");
    expect(isAbsolutePath("C:\\a", "windows")).toBe(true);
    expect(isAbsolutePath("D:\\a", "windows")).toBe(false);
    expect(isAbsolutePath("C:\\a", "linux")).toBe(false);
  });
});

describe("owners", () => {
  test.each([
    ["0", { user: { id: 0 } }],
    ["root:1", { user: { id: 0 }, group: { id: 1 } }],
    ["app", { user: { name: "app" } }],
    ["1001:", { user: { id: 1001 }, group: { id: 0 } }],
    ["a:b:c", { user: { name: "a" }, group: { name: "b:c" } }],
    ["2147483647", { user: { id: 2147483647 } }],
    ["2147483648", { user: { name: "2147483648" } }],
  ])("%s", (text, owner) => {
    expect(readOwner(text)).toEqual(owner);
  });
});

describe("ports", () => {
  const ignore = () => {};

  test.each([
    ["80", ["80/tcp"]],
    ["80/UDP", ["80/udp"]],
    ["80/", ["80/tcp"]],
    ["8-10/sctp", ["8/sctp", "9/sctp", "10/sctp"]],
    ["8-8", ["8/tcp"]],
    ["1:2", ["2/tcp"]],
    ["127.0.0.1:1:2", ["2/tcp"]],
    ["[::1]:1:2", ["2/tcp"]],
    ["127.0.0.1::2", ["2/tcp"]],
    ["1-2:3", ["3/tcp"]],
  ])("%s", (text, ports) => {
    expect(readPorts(text, ignore)).toEqual(ports);
  });

  test.each([
    "",
    "a",
    "-1",
    "65536",
    "9-8",
    "1-2-3",
    "80/x",
    "/tcp",
    "a:80",
    "1.2.3.4.5:1:2",
    "[1:2",
    "1-3:1-2",
    "999.1.1.1:1:2",
  ])("rejects %j", (text) => {
    expect(() => readPorts(text, ignore)).toThrow(/^invalid /);
  });

  it.each([
    ["80/TCP", ["ExposeProtoCasing"]],
    ["1-3:5-6/Udp", ["ExposeProtoCasing", "ExposeInvalidFormat"]],
    ["localhost:80:80", ["ExposeInvalidFormat"]],
    [":80", []],
    ["80:/tcp", []],
  ])("warns of %j before it checks address and ports", (text, expected) => {
    const findings: string[] = [];
    try {
      readPorts(text, (finding) => findings.push(finding));
    } catch {
      // The errors are tested above.
    }
    expect(findings).toEqual(expected);
  });

  it("throw no other errors", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0189-:/.[]tcpx"), maxLength: 14 }), (text) => {
        try {
          for (const port of readPorts(text, ignore)) expect(port).toMatch(/^[0-9]{1,5}\/(tcp|udp|sctp)$/);
        } catch (error) {
          expect((error as Error).message).toMatch(/^invalid /);
        }
      }),
    );
  });
});

test.each([
  ["SIGTERM", true],
  ["term", true],
  ["Sigrtmin+3", true],
  ["RTMAX-14", true],
  ["RTMAX-15", false],
  ["9", true],
  ["0", false],
  ["", false],
  ["SIGSIGTERM", false],
])("%j is a signal: %s", (text, answer) => {
  expect(isSignal(text)).toBe(answer);
});

test.each([
  ["API_TOKEN", true],
  ["token", true],
  ["TOKENS", false],
  ["PUBLIC_KEY", false],
  ["KEY_FILE", false],
  ["PASSWORD", true],
  ["PASSWORDS", false],
])("%s is the name of a secret: %s", (name, answer) => {
  expect(namesSecret(name)).toBe(answer);
});

test("a platform with version and features", () => {
  const platform = {
    os: "windows",
    architecture: "amd64",
    "os.version": "10.0.1",
    "os.features": ["win32k"],
  };
  expect(formatWithOsOptions(platform)).toBe("windows(10.0.1+win32k)/amd64");
});
