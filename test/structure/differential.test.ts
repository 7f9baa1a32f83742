import { describe, expect, it } from "vitest";
import { flatten } from "../differential/archive/flatten.ts";
import type { Member } from "../differential/archive/member.ts";
import { readTar } from "../differential/archive/read.ts";
import { writeTar } from "../differential/archive/write.ts";
import { bindsLowPorts, dir, file, hardlink, symlink } from "../differential/bases/image.ts";
import { baseRootfs, bases } from "../differential/bases/index.ts";
import { cases } from "../differential/cases/index.ts";
import { compare, type Expected } from "../differential/compare.ts";
import { contextTar } from "../differential/context.ts";
import { debianCases } from "../differential/debian/cases/index.ts";
import { examples } from "../differential/debian/examples.ts";
import { healthcheckHistory } from "../differential/newer.ts";
import { expectedFrom, formatRecord, readRecord, recordNames, recordOf } from "../differential/records.ts";
import { type ImageResult, imageResult, isFailure } from "../differential/result.ts";

const addresses = { http: "http://http.test", registry: "registry.test" };

function image(change: Partial<ImageResult> = {}): ImageResult {
  return {
    platform: "linux/amd64",
    config: { Env: ["A=1"], Labels: { a: "1", b: "2" } },
    history: [{ created_by: "COPY f / # buildkit" }],
    layers: 1,
    rootfs: [{ path: "f", type: "file", mode: "0644", uid: 0, gid: 0, size: 1, sha256: "aa" }],
    ...change,
  };
}

describe("compare()", () => {
  it("finds no difference between equal images, in any order of keys and entries", () => {
    const [f] = image().rootfs;
    const d = { path: "d", type: "dir", mode: "0755", uid: 0, gid: 0 } as const;
    if (f === undefined) throw new Error("no entry");
    const expected = image({ rootfs: [d, f] });
    const actual = image({ rootfs: [f, d], config: { Labels: { b: "2", a: "1" }, Env: ["A=1"] } });
    expect(compare(expected, actual)).toEqual([]);
  });

  it.each<[string, Partial<ImageResult>, string]>([
    ["platform", { platform: "linux/arm64" }, 'platform is "linux/arm64", expected "linux/amd64"'],
    ["author", { author: "me" }, 'author is "me", expected none'],
    ["layers", { layers: 2 }, "number of layers is 2, expected 1"],
    ["history line", { history: [{ created_by: "x" }] }, 'history[0] is {"created_by":"x"}'],
    ["history length", { history: [] }, "history[0] is missing"],
    ["config", { config: { Env: ["A=2"] } }, 'config.Env is ["A=2"], expected ["A=1"]'],
    ["missing path", { rootfs: [] }, "/f is missing, expected a file (mode 0644, owner 0:0)"],
  ])("names a different %s", (_what, change, line) => {
    expect(compare(image(), image(change)).join("\n")).toContain(line);
  });

  it.each([
    [{ mode: "0600" }, 'mode of /f is "0600", expected "0644"'],
    [{ uid: 5 }, "uid of /f is 5, expected 0"],
    [{ sha256: "bb" }, 'sha256 of /f is "bb", expected "aa"'],
    [{ type: "symlink" as const, link: "x" }, 'type of /f is "symlink", expected "file"'],
    [{ xattrs: { "security.capability": "AQ==" } }, "xattrs of /f is"],
    [{ sameFileAs: "e" }, 'sameFileAs of /f is "e", expected none'],
  ])("names the member of an entry: %o", (change, line) => {
    const rootfs = image().rootfs.map((entry) => ({ ...entry, ...change }));
    const lines = compare(image(), image({ rootfs }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
  });

  it("names an unexpected path", () => {
    const extra = { path: "x", type: "symlink", mode: "0777", uid: 0, gid: 0, link: "y" } as const;
    const lines = compare(image(), image({ rootfs: [...image().rootfs, extra] }));
    expect(lines).toEqual(["/x is a symlink to y (mode 0777, owner 0:0), expected nothing there"]);
  });

  it("requires the words of an error in any case, and the right line", () => {
    const expected: Expected = { fails: ["not found", "/x"], line: 3 };
    expect(compare(expected, { error: 'Not found: "/x"', line: 3 })).toEqual([]);
    expect(compare(expected, { error: 'Not found: "/x"' })).toEqual([]);
    expect(compare(expected, { error: 'Not found: "/y"', line: 4 })).toEqual([
      'error does not say "/x": Not found: "/y"',
      "line of the error is 4, expected 3",
    ]);
    expect(compare(expected, image())).toHaveLength(1);
    expect(compare(image(), { error: "no" })).toEqual(["build failed: no"]);
  });
});

describe("the suite's own tar", () => {
  it("reads back what it writes", () => {
    const members: Member[] = [
      dir("d", { mode: 0o2775, gid: 50 }),
      file(`d/${"long/".repeat(60)}größe`, "content\n", { mode: 0o4755, uid: 1000, xattrs: bindsLowPorts }),
      symlink("link", "t".repeat(150)),
      file("one", "1"),
      hardlink("two", "one"),
      { path: "null", type: "char", mode: 0o666, uid: 0, gid: 0, device: { major: 1, minor: 3 } },
      { path: "pipe", type: "fifo", mode: 0o600, uid: 0, gid: 0 },
    ];
    expect(readTar(writeTar(members))).toEqual(
      members.map((m) => ({
        ...m,
        mtime: 1_600_000_000,
        ...(m.content && { content: Buffer.from(m.content) }),
      })),
    );
  });
});

describe("flatten()", () => {
  const paths = (entries: { path: string }[]) => entries.map((entry) => entry.path);

  it("hides entries that whiteouts name, but only in lower layers", () => {
    const lower = [dir("d"), file("d/gone", ""), file("d/kept", ""), dir("o"), file("o/below", "")];
    const upper = [file("o/above", ""), file("d/.wh.gone", ""), file("o/.wh..wh..opq", "")];
    expect(paths(flatten([lower, upper]))).toEqual(["d", "d/kept", "o", "o/above"]);
  });

  it("replaces types and keeps the children of a repeated directory", () => {
    const lower = [dir("d"), file("d/f", ""), dir("e"), file("e/f", ""), symlink("l", "d")];
    const upper = [dir("d", { mode: 0o700 }), file("e", ""), file("l/f", "")];
    const entries = flatten([lower, upper]);
    expect(paths(entries)).toEqual(["d", "d/f", "e", "l", "l/f"]);
    expect(entries[0]?.mode).toBe("0700");
    expect(entries[3]?.type).toBe("dir");
  });

  it("follows hard links across names and layers", () => {
    const entries = flatten([
      [file("b", "x"), hardlink("c", "b")],
      [hardlink("a", "c"), file("b", "y")],
    ]);
    expect(entries.map(({ path, sameFileAs }) => [path, sameFileAs])).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["c", "a"],
    ]);
  });
});

describe("cases and records", () => {
  it("exist in sufficient number, each with a record", async () => {
    const names = cases.map((testCase) => testCase.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(130);
    expect(names.filter((name) => name.startsWith("project-")).length).toBeGreaterThanOrEqual(24);
    expect((await recordNames()).sort()).toEqual([...names].sort());
  });

  it("exist in sufficient number on a Debian system", () => {
    const names = debianCases.map((testCase) => testCase.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(140);
    expect(examples.length).toBeGreaterThanOrEqual(10);
  });

  it("lists only real differences of newer versions of BuildKit", async () => {
    for (const testCase of cases) {
      const record = await readRecord(testCase.name);
      const plain = JSON.stringify(expectedFrom({ ...testCase, newer: [] }, record));
      for (const newer of testCase.newer ?? []) {
        const changed = JSON.stringify(expectedFrom({ ...testCase, newer: [newer] }, record));
        expect(changed, `${testCase.name}: ${newer.because}`).not.toBe(plain);
      }
    }
  });

  it("records failures for the cases that must fail, and only for those", async () => {
    for (const testCase of cases) {
      const failed = isFailure(await readRecord(testCase.name));
      const meant = testCase.fails !== undefined;
      if (!testCase.newer?.some(({ image, fails }) => image ?? fails))
        expect(failed, testCase.name).toBe(meant);
    }
  });

  it("never has a Dockerfile of ARG lines alone, which would end a daemon", () => {
    for (const { name, dockerfile } of cases) {
      const words = dockerfile.split("\n").map((line) => line.trim().split(/\s/)[0]?.toUpperCase());
      if (words.includes("ARG")) expect(words, name).toContain("FROM");
    }
  });

  it("makes the same context each time", () => {
    for (const testCase of cases) {
      const [one, two] = [contextTar(testCase, addresses), contextTar(testCase, addresses)];
      expect(Buffer.compare(one, two), testCase.name).toBe(0);
    }
  });

  it("keeps an image as the difference from its base and finds it again", () => {
    const base = bases.find(({ name }) => name === "varve/layered:1");
    if (base === undefined) throw new Error("no base");
    const rootfs = baseRootfs(base.name).filter(({ path }) => path !== "twin-b");
    const whole = imageResult({ os: "linux", architecture: "amd64", rootfs: { diff_ids: [] } }, rootfs);
    const record = recordOf(whole, ["sha256:unknown"]);
    expect(record).toMatchObject({ base: "scratch", removed: [] });
    const ofBase = { ...record, base: base.name, rootfs: [], removed: ["twin-b"] };
    expect(compare(expectedFrom({ name: "x", dockerfile: "" }, ofBase), whole)).toEqual([]);
    expect(JSON.parse(formatRecord(ofBase))).toEqual(ofBase);
  });
});

describe("healthcheckHistory", () => {
  it("replaces Go's printed pointers by names", () => {
    const line = { created_by: `HEALTHCHECK &{["CMD" "/probe" "-q"] "1m30s" "3s" "500ms" "2s" '\\x04'}` };
    expect(healthcheckHistory.history?.(line).created_by).toBe(
      "HEALTHCHECK {Test:[CMD /probe -q] Interval:1m30s Timeout:3s StartPeriod:500ms StartInterval:2s Retries:4}",
    );
  });
});
