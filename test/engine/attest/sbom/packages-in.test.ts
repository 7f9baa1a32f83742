import { expect, test } from "vitest";
import { type PackageLimits, packagesIn } from "../../../../src/engine/attest/sbom/packages-in.ts";
import { link, type TreeEntry, tree } from "../../../helpers/tree.ts";

const find = (files: Record<string, TreeEntry>, limits: Partial<PackageLimits> = {}) =>
  packagesIn(tree(files), new AbortController().signal, limits);
const namesIn = async (files: Record<string, TreeEntry>) =>
  (await find(files)).packages.map(({ name, path }) => `${path} ${name}`);
const manifest = (name: string) => JSON.stringify({ name, version: "1.0.0" });

test("packages of every kind are found", async () => {
  const files = {
    "etc/os-release": link("../usr/lib/os-release"),
    "usr/lib/os-release": "ID=debian\nVERSION_ID=12\n",
    "var/lib/dpkg/status": "Package: a\nVersion: 1\n",
    "var/lib/dpkg/status.d/b": "Package: b\nVersion: 1\n",
    "var/lib/dpkg/status.d/b.md5sums": "Package: none\nVersion: 1\n",
    "var/lib/dpkg/status-old": "Package: none\nVersion: 1\n",
    "usr/lib/apk/db/installed": "P:c\nV:1\n",
    "usr/lib/python3/site-packages/d-1.dist-info/METADATA": "Name: d\nVersion: 1\n",
    "usr/lib/python3/dist-packages/e.egg-info": "Name: e\nVersion: 1\n",
    "srv/node_modules/f/package.json": manifest("f"),
    "srv/node_modules/@s/g/package.json": manifest("@s/g"),
    "srv/node_modules/.pnpm/h@1/node_modules/h/package.json": manifest("h"),
    "srv/node_modules/f/lib/package.json": manifest("inner"),
    "srv/package.json": manifest("app"),
  };
  expect(await namesIn(files)).toEqual([
    "usr/lib/apk/db/installed c",
    "usr/lib/python3/dist-packages/e.egg-info e",
    "usr/lib/python3/site-packages/d-1.dist-info/METADATA d",
    "var/lib/dpkg/status a",
    "var/lib/dpkg/status.d/b b",
    "srv/node_modules/.pnpm/h@1/node_modules/h/package.json h",
    "srv/node_modules/@s/g/package.json @s/g",
    "srv/node_modules/f/package.json f",
  ]);
  expect((await find(files)).distribution?.id).toBe("debian");
});

test("npm's own list counts for packages that exist; others are read from their package.json", async () => {
  const lock = {
    packages: { "node_modules/a": { version: "7.0.0" }, "node_modules/gone": { version: "1.0.0" } },
  };
  const { packages } = await find({
    "srv/node_modules/.package-lock.json": JSON.stringify(lock),
    "srv/node_modules/a/package.json": "not read",
    "srv/node_modules/added/package.json": manifest("added"),
  });
  expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(["a 7.0.0", "added 1.0.0"]);
});

test("an entry of npm's list that leads out of its folder is ignored", async () => {
  const lock = {
    packages: { "../../etc/node_modules/a": { version: "1" }, "/node_modules/a": { version: "1" } },
  };
  expect(await namesIn({ "srv/node_modules/.package-lock.json": JSON.stringify(lock) })).toEqual([]);
});

test("files beyond the limits are left out and listed as omitted", async () => {
  const files = {
    "a/node_modules/x/package.json": JSON.stringify({ name: "x", version: "1", more: "x".repeat(100) }),
    "b/node_modules/y/package.json": manifest("y"),
    "c/node_modules/z/package.json": manifest("z"),
    "var/lib/dpkg/status": `Package: p\nVersion: 1\n\n${"#\n".repeat(100)}`,
  };
  const { packages, omissions } = await find(files, { packages: 1, jsonBytes: 60, listBytes: 60 });
  expect(packages.map(({ name }) => name)).toEqual(["y"]);
  expect(omissions).toEqual([
    "var/lib/dpkg/status: it has more than 60 bytes",
    "a/node_modules/x/package.json: it has more than 60 bytes",
    "c/node_modules/z/package.json: there are more than 1 packages",
  ]);
  const few = await find(files, { files: 1 });
  expect(few.omissions).toHaveLength(3);
});

test("a hundred omissions are summarised", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`d${i}/node_modules/x/package.json`, manifest("x")]),
  );
  const { omissions } = await find(files, { files: 0 });
  expect(omissions).toHaveLength(21);
  expect(omissions.at(-1)).toBe("and 80 more");
});
