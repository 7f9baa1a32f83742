import { expect, test } from "vitest";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { makeWorkdir } from "../../../src/engine/copy/workdir.ts";
import { readOwner } from "../../../src/engine/plan/owner.ts";
import { dir, link, tree } from "../../helpers/tree.ts";
import { linesOf, mtimeOf, scratch } from "./run-copy.ts";

const base = tree({
  "etc/passwd": "app:x:1000:1001::/:\n",
  w: dir({ mode: 0o700, uid: 5 }),
  rel: link("w"),
  dangling: link("/new/place"),
  f: "",
});

async function workdir(on: typeof base, path: string, user?: string, noLayers = false) {
  const owner = user === undefined ? {} : { owner: readOwner(user) };
  const { changes, warnings } = await makeWorkdir(on, { path, noLayers, mtimeOf, ...owner });
  return { lines: await linesOf(layerEntries(changes)), warnings };
}

const cases: [path: string, lines: string[]][] = [
  ["/a/b", ["d 0755 0:0 a now", "d 0755 0:0 a/b now"]],
  ["/w", []],
  ["/w/x", ["d 0700 5:0 w now", "d 0755 0:0 w/x now"]],
  ["/rel", []],
  ["/rel/x", ["d 0700 5:0 w now", "d 0755 0:0 w/x now"]],
  ["/dangling", ["d 0755 0:0 new now", "d 0755 0:0 new/place now"]],
];
for (const [path, lines] of cases) {
  test(`WORKDIR ${path}`, async () => {
    expect((await workdir(base, path)).lines).toEqual(lines);
  });
}

test("created directories belong to the user, and existing ones do not change", async () => {
  expect((await workdir(base, "/w/x", "app")).lines).toEqual([
    "d 0700 5:0 w now",
    "d 0755 1000:1001 w/x now",
  ]);
  expect((await workdir(scratch, "/a/b", "7:8", true)).lines).toEqual([
    "d 0755 7:8 a now",
    "d 0755 7:8 a/b now",
  ]);
});

test("a user that is not found is root, with a warning", async () => {
  const { lines, warnings } = await workdir(base, "/a", "nobody");
  expect(lines).toEqual(["d 0755 0:0 a now"]);
  expect(warnings).toMatchObject([{ code: "unknown-user", name: "nobody" }]);
});

test("errors", async () => {
  await expect(workdir(base, "/f")).rejects.toThrow("mkdir /f: not a directory");
  await expect(workdir(base, "/a\0b")).rejects.toThrow("lstat /a\0b: invalid argument");
  await expect(workdir(base, "/f/x/y")).rejects.toThrow("lstat /f/x: not a directory");
  await expect(workdir(scratch, "/a", "app", true)).rejects.toThrow("invalid user index: -1");
});
