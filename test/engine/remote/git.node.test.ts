import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_GIT_LIMITS } from "../../../src/engine/remote/git/limits.ts";
import { SHA1 } from "../../../src/engine/remote/git/object-format.ts";
import { readPack } from "../../../src/engine/remote/git/pack.ts";
import { Repository } from "../../../src/engine/remote/git/repository.ts";
import { gitKey, resolveGit } from "../../../src/engine/remote/git.ts";
import type { Tree } from "../../../src/rootfs/tree.ts";
import { collect } from "../../../src/streams/collect.ts";
import { encodeName } from "../../../src/tar/text.ts";
import { git } from "../../helpers/git-repository.ts";
import { GitSite } from "../../helpers/git-site.ts";
import { access, checkout, listing, textOf } from "./git/checkout.ts";

let site: GitSite;
let head: string;

beforeAll(async () => {
  site = await GitSite.start();
  head = site.make("repo.git", [
    { files: { foo: "one\n" }, tag: "v1" },
    {
      files: { foo: "two\n", "sub/bar": { content: "bar\n", mode: "0755" }, ln: { symlink: "foo" } },
      tag: "v2",
    },
    { files: { foo: "three\n" } },
  ]);
  const repository = site.path("repo.git");
  git(repository, ["tag", "-a", "-m", "annotated", "v3"]);
  git(repository, ["tag", "-a", "-m", "of a tag", "v3-again", "v3"]);
  git(repository, ["branch", "dev", "v2"]);
  git(repository, ["branch", "both", "v1"]);
  git(repository, ["tag", "both", "v2"]);
});
afterAll(() => site[Symbol.asyncDispose]());

/** Writes a tree to disk, so that git can read it. */
async function writeTree(tree: Tree, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const node of tree.walk("")) {
    const path = join(folder, node.path);
    if (node.type === "dir") mkdirSync(path, { recursive: true });
    else if (node.type === "symlink") symlinkSync(node.linkname ?? "", path);
    else {
      writeFileSync(path, await collect(tree.read(node), node.size));
      chmodSync(path, node.mode);
    }
  }
}

describe("resolveGit()", () => {
  const commit = (name: string) => git(site.path("repo.git"), ["rev-parse", `${name}^{commit}`]);

  test.each([
    [undefined, "refs/heads/master", "master"],
    ["v1", "refs/tags/v1", "v1"],
    ["dev", "refs/heads/dev", "dev"],
    ["refs/heads/dev", "refs/heads/dev", "dev"],
    ["heads/dev", "refs/heads/dev", "dev"],
    ["tags/v2", "refs/tags/v2", "v2"],
    ["both", "refs/heads/both", "v1"],
    ["refs/tags/both", "refs/tags/both", "v2"],
    ["v3", "refs/tags/v3", "v3"],
    ["v3-again", "refs/tags/v3-again", "v3"],
  ])("finds %s", async (ref, reference, expected) => {
    const source = site.source("repo.git", ref === undefined ? {} : { ref });
    expect(await resolveGit(source, access)).toMatchObject({ reference, commit: commit(expected) });
  });

  test("distinguishes a tag from its commit", async () => {
    const source = site.source("repo.git", { ref: "v3" });
    const resolved = await resolveGit(source, access);
    expect(resolved.object).toBe(git(site.path("repo.git"), ["rev-parse", "v3"]));
    expect(resolved.object).not.toBe(resolved.commit);
    expect(gitKey(source, resolved)).toBe(head);
    expect(gitKey({ ...source, keepGitDir: true }, resolved)).toBe(`${resolved.object}.git#refs/tags/v3`);
  });

  test("sends no request for a commit", async () => {
    const before = site.server.requests.length;
    const source = site.source("repo.git", { ref: head, subdir: "sub", submodules: false });
    expect(gitKey(source, await resolveGit(source, access))).toBe(`${head}:sub(skip-submodules)`);
    expect(site.server.requests).toHaveLength(before);
  });

  test.each([
    ["an unknown reference", { ref: "v9" }, "repository does not contain ref v9"],
    ["a short commit", { ref: "HEADshort".slice(0, 4) }, "repository does not contain ref HEAD"],
    ["a reference that is an option", { ref: "--upload-pack=x" }, "invalid git ref"],
    [
      "a checksum that is none",
      { checksum: "foobar" },
      "invalid checksum foobar for Git URL, expected hex commit hash",
    ],
    [
      "another checksum",
      { ref: "v1", checksum: "1111" },
      /^expected checksum to match 1111, got [0-9a-f]{40}$/,
    ],
    ["another checksum of a tag", { ref: "v3", checksum: "1111" }, /got [0-9a-f]{40} or [0-9a-f]{40}$/],
    [
      "another checksum of a commit",
      { ref: "a".repeat(40), checksum: "b" },
      "expected checksum to match b, got aaaa",
    ],
    ["fetch-by-commit of nothing", { fetchByCommit: true }, "fetch-by-commit requires a checksum"],
    ["fetch-by-commit of a beginning", { fetchByCommit: true, checksum: "ab" }, "requires a full commit SHA"],
  ])("rejects %s", async (_, more, message) => {
    const refused = expect(resolveGit(site.source("repo.git", more), access)).rejects;
    await refused.toThrow(message);
    await expect(resolveGit(site.source("repo.git", more), access)).rejects.toMatchObject({
      code: "download-failed",
    });
  });

  test("accepts the beginning of a commit as checksum", async () => {
    const source = site.source("repo.git", { ref: "v3", checksum: head.slice(0, 7) });
    expect(await resolveGit(source, access)).toMatchObject({ commit: head });
  });

  test("reports that an empty repository has no branch", async () => {
    site.make("empty.git", []);
    await expect(resolveGit(site.source("empty.git"), access)).rejects.toThrow(
      "could not find default branch",
    );
    await expect(resolveGit(site.source("empty.git", { ref: "x" }), access)).rejects.toThrow(
      "does not contain ref x",
    );
  });

  test.each([
    ["git@example.com:a/b.git", "ssh", "https://example.com/a/b.git"],
    ["ssh://git@example.com:22/a/b.git", "ssh", "https://example.com/a/b.git"],
    ["git://example.com/a.git", "git", "https://example.com/a.git"],
  ])("rejects %s, which needs a full git client", async (remote, protocol, instead) => {
    const refused = resolveGit(site.source("", { remote }), access);
    await expect(refused).rejects.toThrow(`${protocol} is not supported; use http or https`);
    await expect(refused).rejects.toMatchObject({ hint: `Use ${instead}` });
  });
});

describe("checkoutGit()", () => {
  test("has the files of a tag", async () => {
    const tree = await checkout(site.source("repo.git", { ref: "v2" }));
    expect(listing(tree)).toEqual(["f644 foo", "s777 ln", "d755 sub", "f755 sub/bar"]);
    expect(await textOf(tree, "foo")).toBe("two\n");
    expect(tree.lookup("ln")).toMatchObject({ linkname: "foo", mtime: 1_700_000_100 });
  });

  test.each([undefined, "v3-again"])("has the files of %s", async (ref) => {
    const tree = await checkout(site.source("repo.git", ref === undefined ? {} : { ref }));
    expect(await textOf(tree, "foo")).toBe("three\n");
  });

  test("has the files of a commit that no reference names", async () => {
    const first = git(site.path("repo.git"), ["rev-parse", "v1"]);
    expect(listing(await checkout(site.source("repo.git", { ref: first })))).toEqual(["f644 foo"]);
    const pinned = site.source("repo.git", { ref: "made-up", fetchByCommit: true, checksum: first });
    expect(listing(await checkout(pinned))).toEqual(["f644 foo"]);
  });

  test("fetches no history", async () => {
    const repository = await Repository.open(site.url("repo.git"), access);
    const types: string[] = [];
    for await (const entry of readPack(repository.pack([head]), SHA1, DEFAULT_GIT_LIMITS)) {
      types.push(entry.kind === "object" ? entry.type : entry.kind);
    }
    expect(types.toSorted()).toEqual(["blob", "blob", "blob", "commit", "tree", "tree"]);
  });

  test("applies deltas", async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `line ${i} of a file that many others are like\n`);
    const text = (changed: number) => lines.toSpliced(changed, 1, `changed at ${changed}\n`).join("");
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`dir${i % 7}/file${i}`, text(i * 5)]),
    );
    site.make("deltas.git", [{ files }, { files: { "dir1/file1": text(399) } }]);
    const folder = site.path("deltas.git");
    git(folder, ["repack", "-adfq", "--depth=50", "--window=50"]);
    const last = git(folder, ["rev-parse", "HEAD"]);
    const repository = await Repository.open(site.url("deltas.git"), access);
    let deltas = 0;
    for await (const { kind } of readPack(repository.pack([last]), SHA1, DEFAULT_GIT_LIMITS)) {
      if (kind === "delta") deltas++;
    }
    expect(deltas).toBeGreaterThan(40);

    const tree = await checkout(site.source("deltas.git"));
    for (const path of Object.keys(files)) {
      expect(await textOf(tree, path)).toBe(readFileSync(join(folder, path), "utf8"));
    }
    expect(listing(tree)).toHaveLength(67);
  });

  test("applies deltas to large files, and to files that are no longer in memory", async () => {
    const base = randomBytes(1_200_000).toString("base64");
    const files = Object.fromEntries(Array.from({ length: 3 }, (_, i) => [`large${i}`, `${i}${base}${i}`]));
    site.make("large.git", [{ files }]);
    git(site.path("large.git"), ["repack", "-adfq", "--depth=50", "--window=10"]);
    const tree = await checkout(site.source("large.git"), { recentBytes: 0 });
    for (const [path, text] of Object.entries(files)) expect((await textOf(tree, path)) === text).toBe(true);
    await expect(checkout(site.source("large.git"), { recentBytes: 0, baseBytes: 1000 })).rejects.toThrow(
      "is the base of a delta: the limit is 1000",
    );
  });

  test("keeps names that are not UTF-8", async () => {
    const folder = site.path("names.git");
    site.make("names.git", [{ files: { "é/漢字 x": "1", "🦀": "2" } }]);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff])]), "3");
    git(folder, ["add", "-A"]);
    git(folder, ["commit", "-q", "-m", "x"]);
    const tree = await checkout(site.source("names.git"));
    const paths = [...tree.walk("")].map(({ path }) => path);
    expect(paths).toHaveLength(4);
    expect(paths.map((path) => [...encodeName(path)])).toContainEqual([0x61, 0xff]);
  });

  test("reads repositories whose objects are named by SHA-256", async () => {
    const id = site.make("modern.git", [{ files: { a: "1\n", "b/c": "2\n" }, tag: "v1" }], {
      format: "sha256",
    });
    const source = site.source("modern.git", { ref: "v1" });
    expect((await resolveGit(source, access)).commit).toBe(id);
    expect(listing(await checkout(source))).toEqual(["f644 a", "d755 b", "f644 b/c"]);
  });

  describe("of a directory", () => {
    test.each(["sub", "/sub/", "./sub/../sub"])("has the files of %s", async (subdir) => {
      const tree = await checkout(site.source("repo.git", { ref: "v2", subdir }));
      expect(listing(tree)).toEqual(["f755 bar"]);
    });

    test.each(["/", "..", "."])("has all files of %s", async (subdir) => {
      expect(listing(await checkout(site.source("repo.git", { ref: "v1", subdir })))).toEqual(["f644 foo"]);
    });

    test.each([
      ["nope", 'there is no "nope"'],
      ["foo", '"foo" is not a directory'],
      ["ln", '"ln" is not a directory'],
      ["sub/bar/x", '"sub/bar" is not a directory'],
    ])("rejects %s", async (subdir, reason) => {
      await expect(checkout(site.source("repo.git", { ref: "v2", subdir }))).rejects.toThrow(
        `invalid subdir ${subdir}: `,
      );
      await expect(checkout(site.source("repo.git", { ref: "v2", subdir }))).rejects.toThrow(reason);
    });

    test("fetches only its files where the server can select", async () => {
      const files = { "a/1": "one", "a/deep/2": "two", "b/large": "x".repeat(100_000), top: "3" };
      site.make("filter.git", [{ files }]);
      git(site.path("filter.git"), ["config", "uploadpack.allowFilter", "true"]);
      // With the large file, the pack would exceed the limit.
      const tree = await checkout(site.source("filter.git", { subdir: "a" }), { fileBytes: 100 });
      expect(listing(tree)).toEqual(["f644 1", "d755 deep", "f644 deep/2"]);
      expect(await textOf(tree, "deep/2")).toBe("two");
    });
  });

  describe("with the files of git", () => {
    test.each(["v3", "dev", "v1", "commit"])("is usable by git for %s", async (name) => {
      const ref = name === "commit" ? git(site.path("repo.git"), ["rev-parse", "v2"]) : name;
      const source = site.source("repo.git", { ref, keepGitDir: true });
      const { commit, object } = await resolveGit(source, access);
      const folder = join(site.folder, `kept-${name}`);
      await writeTree(await checkout(source), folder);
      expect(git(folder, ["fsck", "--strict"])).not.toMatch(/error|missing|dangling/);
      expect(git(folder, ["status", "--porcelain"])).toBe("");
      expect(git(folder, ["rev-parse", "HEAD"])).toBe(commit);
      expect(git(folder, ["log", "--format=%H"])).toBe(commit);
      expect(git(folder, ["remote", "get-url", "origin"])).toBe(site.url("repo.git"));
      if (name === "v3") {
        expect(git(folder, ["describe"])).toBe("v3");
        expect(git(folder, ["rev-parse", "v3"])).toBe(object);
      }
      if (name === "dev") expect(git(folder, ["rev-parse", "dev"])).toBe(commit);
    });

    test("is usable by git for a repository with SHA-256 and one with large files", async () => {
      for (const name of ["modern.git", "large.git"]) {
        const folder = join(site.folder, `kept-${name}`);
        await writeTree(await checkout(site.source(name, { keepGitDir: true })), folder);
        git(folder, ["fsck", "--strict"]);
        expect(git(folder, ["status", "--porcelain"])).toBe("");
      }
    });

    test("gives the same bytes for each kind of pack", async () => {
      const files = async () => {
        const tree = await checkout(site.source("deltas.git", { keepGitDir: true }));
        return [...tree.walk("")].map(({ path, digest }) => [path, digest]);
      };
      const before = await files();
      expect(before.some(([path]) => path?.endsWith(".pack"))).toBe(true);
      git(site.path("deltas.git"), ["repack", "-adfq", "--depth=0"]);
      expect(await files()).toEqual(before);
    });

    test("has no files of git for a directory", async () => {
      const tree = await checkout(site.source("repo.git", { ref: "v2", subdir: "sub", keepGitDir: true }));
      expect(listing(tree)).toEqual(["f755 bar"]);
    });
  });

  test.each([
    ["objects", { objects: 3 }],
    ["files", { entries: 2 }],
    ["bytes of a file", { objectBytes: 3 }],
    ["bytes of all files", { fileBytes: 8 }],
    ["bytes of directories", { metadataBytes: 50 }],
  ])("keeps to its limit of %s", async (_, limits) => {
    await expect(checkout(site.source("repo.git", { ref: "v2" }), limits)).rejects.toMatchObject({
      code: "download-failed",
      cause: { code: "git-too-large" },
    });
  });

  test("rejects endlessly repeating directories", async () => {
    const folder = site.path("bomb.git");
    site.make("bomb.git", [{ files: { f: "x" } }]);
    const mktree = (lines: string[]) =>
      execFileSync("git", ["mktree"], { cwd: folder, input: lines.join("\n"), encoding: "utf8" }).trim();
    let tree = mktree([`100644 blob ${git(folder, ["rev-parse", "HEAD:f"])}\tf`]);
    for (let level = 0; level < 9; level++) {
      tree = mktree(Array.from({ length: 10 }, (_, i) => `040000 tree ${tree}\td${i}`));
    }
    const commit = git(folder, ["commit-tree", tree, "-m", "bomb"]);
    git(folder, ["branch", "bomb", commit]);
    await expect(checkout(site.source("bomb.git", { ref: "bomb" }), { entries: 5000 })).rejects.toThrow(
      "more than 5000",
    );
  });
});
