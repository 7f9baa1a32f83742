import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { git } from "../../../helpers/git-repository.ts";
import { GitSite } from "../../../helpers/git-site.ts";
import { checkout, listing, textOf } from "./checkout.ts";

let site: GitSite;
beforeAll(async () => {
  site = await GitSite.start();
});
afterAll(() => site[Symbol.asyncDispose]());

describe("checkoutGit() with modules", () => {
  beforeAll(() => {
    const inner = site.make("inner.git", [{ files: { "in/deep": "deepest\n" } }]);
    addModule("middle.git", { middle: "m\n" }, "nested/inner", inner, "../inner.git");
    const middle = git(site.path("middle.git"), ["rev-parse", "HEAD"]);
    addModule("outer.git", { outer: "o\n", "lib/own": "l\n" }, "lib/mod", middle, "./../middle.git");
  });

  function addModule(
    name: string,
    files: Record<string, string>,
    path: string,
    commit: string,
    url: string,
  ): void {
    const declared = `[submodule "m"]\n\tpath = ${path}\n\turl = ${url}\n`;
    site.make(name, [{ files: { ...files, ".gitmodules": declared } }]);
    git(site.path(name), ["update-index", "--add", "--cacheinfo", `160000,${commit},${path}`]);
    git(site.path(name), ["commit", "-q", "-m", "module"]);
  }

  test("has the files of modules in modules", async () => {
    const tree = await checkout(site.source("outer.git"));
    const paths = [...tree.walk("")].filter(({ type }) => type === "file").map(({ path }) => path);
    expect(paths).toEqual([
      ".gitmodules",
      "lib/mod/.gitmodules",
      "lib/mod/middle",
      "lib/mod/nested/inner/in/deep",
      "lib/own",
      "outer",
    ]);
    expect(await textOf(tree, "lib/mod/nested/inner/in/deep")).toBe("deepest\n");
  });

  test("leaves their directories empty when submodules are not requested", async () => {
    const tree = await checkout(site.source("outer.git", { submodules: false }));
    expect(listing(tree)).toEqual([
      "f644 .gitmodules",
      "d755 lib",
      "d755 lib/mod",
      "f644 lib/own",
      "f644 outer",
    ]);
  });

  test.each([
    ["lib", ["mod/.gitmodules", "mod/middle", "mod/nested/inner/in/deep", "own"]],
    ["lib/mod", [".gitmodules", "middle", "nested/inner/in/deep"]],
    ["lib/mod/nested/inner/in", ["deep"]],
  ])("has the files of the directory %s", async (subdir, expected) => {
    for (const allowed of ["false", "true"]) {
      for (const name of ["outer", "middle", "inner"]) {
        git(site.path(`${name}.git`), ["config", "uploadpack.allowFilter", allowed]);
      }
      const tree = await checkout(site.source("outer.git", { subdir }));
      expect([...tree.walk("")].filter(({ type }) => type === "file").map(({ path }) => path)).toEqual(
        expected,
      );
    }
  });

  test("keeps to its limits", async () => {
    await expect(checkout(site.source("outer.git"), { repositories: 2 })).rejects.toThrow(
      "more than 2 repositories",
    );
    await expect(checkout(site.source("outer.git"), { moduleDepth: 1 })).rejects.toThrow("too deep");
    await expect(checkout(site.source("outer.git"), { entries: 6 })).rejects.toThrow("more than");
  });

  test("reports a submodule that is missing, on another host or unreachable", async () => {
    const commit = "1".repeat(40);
    addModule("undeclared.git", {}, "mod", commit, "x");
    writeFileSync(join(site.path("undeclared.git"), ".gitmodules"), "");
    git(site.path("undeclared.git"), ["add", ".gitmodules"]);
    git(site.path("undeclared.git"), ["commit", "-qm", "x"]);
    await expect(checkout(site.source("undeclared.git"))).rejects.toThrow("no URL for it in .gitmodules");
    addModule("ssh.git", {}, "mod", commit, "git@example.com:a/b.git");
    await expect(checkout(site.source("ssh.git"))).rejects.toThrow("ssh is not supported");
    addModule("private.git", {}, "mod", commit, "https://10.0.0.1/a.git");
    await expect(checkout(site.source("private.git"))).rejects.toThrow("not on the public network");
    addModule("gone.git", {}, "mod", commit, "../inner.git");
    await expect(checkout(site.source("gone.git"))).rejects.toThrow("not our ref");
    addModule("skipped.git", {}, "mod", commit, "../inner.git\n\tupdate = none");
    expect(listing(await checkout(site.source("skipped.git")))).toContain("d755 mod");
  });
});
