import { describe, expect, test } from "vitest";
import { lookupGroup, lookupUser } from "../../src/rootfs/users.ts";
import { TooLargeError } from "../../src/streams/collect.ts";
import { memoryTree } from "../helpers/memory-tree.ts";

const passwd = `root:x:0:0:root:/root:/bin/bash
# a remark:x:1:1
app:x:1000:1001:The app,,,:/home/app:/bin/sh
app:x:9:9:second:/:/bin/sh
odd:x:many:12
short
`;
const group = `root:x:0:
staff:x:50:app,other
docker:x:998:other
wheel:x:10:app
`;
const tree = memoryTree([
  { path: "etc/passwd", contents: passwd },
  { path: "etc/group", contents: group },
]);

describe("lookupUser", () => {
  test("returns the first user with the name", async () => {
    expect(await lookupUser(tree, "app")).toEqual({ name: "app", uid: 1000, gid: 1001, home: "/home/app" });
  });

  test.each(["nobody", "# a remark", "1000", ""])("does not find %j", async (name) => {
    expect(await lookupUser(tree, name)).toBeUndefined();
  });

  test("reads an invalid or missing number as 0", async () => {
    expect(await lookupUser(tree, "odd")).toEqual({ name: "odd", uid: 0, gid: 12, home: "" });
    expect(await lookupUser(tree, "short")).toMatchObject({ uid: 0, gid: 0 });
  });

  test("follows links, hard and symbolic, within the root", async () => {
    const linked = memoryTree([
      { path: "usr/etc/users", contents: passwd },
      { path: "usr/etc/same", type: "hardlink", linkname: "usr/etc/users" },
      { path: "etc", type: "symlink", linkname: "/usr/etc" },
      { path: "usr/etc/passwd", type: "symlink", linkname: "../../../usr/etc/same" },
    ]);
    expect(await lookupUser(linked, "app")).toMatchObject({ uid: 1000 });
  });

  test("finds no user when the list is missing or not a file", async () => {
    expect(await lookupUser(memoryTree([]), "root")).toBeUndefined();
    expect(await lookupUser(memoryTree([{ path: "etc/passwd", type: "dir" }]), "root")).toBeUndefined();
  });

  test("reads no more than 16 MiB", async () => {
    const huge = memoryTree([{ path: "etc/passwd", contents: new Uint8Array(16 * 2 ** 20 + 1) }]);
    await expect(lookupUser(huge, "root")).rejects.toThrow(TooLargeError);
  });
});

test("lookupGroup returns the first group with the name", async () => {
  expect(await lookupGroup(tree, "staff")).toEqual({ name: "staff", gid: 50, members: ["app", "other"] });
  expect(await lookupGroup(tree, "none")).toBeUndefined();
});
