import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
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

describe("checkoutGit() with attributes that change contents", () => {
  const attributes = {
    ".gitattributes":
      "* text=auto\n*.bat text eol=crlf\n*.ps1 eol=crlf\n[attr]dos text eol=crlf\n/dos/** dos\n",
    "lib/.gitattributes": "*.bat -text\nauto* eol=crlf\n**/deep/*.x eol=crlf\n",
    "dos/.gitattributes": "*.bin binary\n*.lf eol=lf\n",
    "id/.gitattributes": "* -text ident\n*.crlf text eol=crlf\n*.auto text=auto eol=crlf\n*.no -ident\n",
  };
  const contents = {
    lf: "a\nb\n",
    mixed: "a\r\nb\nc\r",
    zero: "a\n\0b\n",
    none: "abc",
    keywords: "$Id$\n$Id: 0123 $ $Id:$ $Idx$ $Id: a.c 1.2 $$ID$\n$Id: \n$Id$$Id$ $Id:x",
    dollars: "$ $Id: a $Id: $Id",
  };
  const names = [
    "x.bat",
    "x.ps1",
    "x.sh",
    "lib/x.bat",
    "lib/auto1",
    "lib/a/b/deep/y.x",
    "dos/a",
    "dos/b.bin",
    "dos/c.lf",
    "id/a",
    "id/b.crlf",
    "id/c.auto",
    "id/d.no",
  ];
  const folder = () => site.path("line-ends.git");

  beforeAll(() => {
    const files: Record<string, string> = { ...attributes };
    for (const name of names)
      for (const [kind, text] of Object.entries(contents)) files[`${kind}/${name}`] = text;
    for (const kind of Object.keys(contents)) {
      for (const [path, text] of Object.entries(attributes)) files[`${kind}/${path}`] = text;
    }
    files["id/streamed"] = "$$Id$ $I$Id$ $Id: a b $Id$ $Id\tx$";
    site.make("line-ends.git", [{ files: { "raw.txt": "" } }]);
    // Written without git, which would convert the line ends to LF.
    for (const [path, text] of Object.entries(files)) {
      const id = execFileSync("git", ["hash-object", "-w", "--stdin", "--no-filters"], {
        cwd: folder(),
        input: text,
      });
      git(folder(), ["update-index", "--add", "--cacheinfo", `100644,${id.toString().trim()},${path}`]);
    }
    git(folder(), ["commit", "-qm", "all"]);
    git(folder(), ["config", "uploadpack.allowFilter", "true"]);
    git(folder(), ["clone", "-q", folder(), join(site.folder, "line-ends")]);
  });

  test("has the files that git checks out", async () => {
    const tree = await checkout(site.source("line-ends.git"));
    let changed = 0;
    for (const { path, type } of tree.walk("")) {
      if (type !== "file") continue;
      const text = readFileSync(join(site.folder, "line-ends", path), "utf8");
      expect([path, await textOf(tree, path)]).toEqual([path, text]);
      if (text !== contents[path.split("/")[0] as keyof typeof contents]) changed++;
    }
    expect(changed).toBeGreaterThan(12);
  });

  test("has the same files for a directory, with the attributes above it", async () => {
    const tree = await checkout(site.source("line-ends.git", { subdir: "lf/lib/a" }));
    expect(listing(tree)).toEqual(["d755 b", "d755 b/deep", "f644 b/deep/y.x"]);
    expect(await textOf(tree, "b/deep/y.x")).toBe("a\r\nb\r\n");
  });
});
