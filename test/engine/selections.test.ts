import { expect, test } from "vitest";
import { selectEntries } from "../../src/engine/keys/selections.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { sha256 } from "../../src/streams/sha256.ts";

const common = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
const folder = (path: string): Node => ({ ...common, path, type: "dir", mode: 0o755, size: 0 });
const file = (path: string, text: string, rest: Partial<Node> = {}): Node => ({
  ...common,
  path,
  type: "file",
  size: text.length,
  digest: sha256(text),
  ...rest,
});

async function digestOf(path: string, ...nodes: Node[]): Promise<string> {
  const builder = new TableBuilder();
  for (const node of nodes) builder.add(node, node.type === "file" ? 0 : undefined);
  return (await selectEntries({ tree: builder.finish(), path, ref: "context", keepOwner: false }, [])).digest;
}

const modules = [folder("modules"), file("modules/a", "a"), file("modules/b", "b")];

test("the selection of a folder does not depend on its siblings, nor on times", async () => {
  const digest = await digestOf("/modules", ...modules, file("z", "1"));
  expect(await digestOf("/modules", ...modules, file("z", "2"))).toBe(digest);
  expect(await digestOf("/modules", ...modules.map((node) => ({ ...node, mtime: 9 })))).toBe(digest);
  expect(
    await digestOf("/modules", folder("modules"), file("modules/a", "a"), file("modules/b", "c")),
  ).not.toBe(digest);
  expect(
    await digestOf("/modules", ...modules.slice(0, 2), file("modules/b", "b", { mode: 0o600 })),
  ).not.toBe(digest);
  expect(await digestOf("/modules/", ...modules)).toBe(digest);
});

test("the selection of a file depends only on that file", async () => {
  const digest = await digestOf("/modules/a", ...modules);
  expect(
    await digestOf("/modules/a", folder("modules"), file("modules/a", "a"), file("modules/b", "c")),
  ).toBe(digest);
  expect(await digestOf("/modules/a", folder("modules"), file("modules/a", "c"))).not.toBe(digest);
  expect(await digestOf("/modules/a", folder("modules"), file("modules/a", "a", { mode: 0o600 }))).not.toBe(
    digest,
  );
  expect(await digestOf("/modules/b", folder("modules"), file("modules/b", "a"))).not.toBe(digest);
});

test("a hard link equals its target, inside or outside of the selection", async () => {
  const link = { ...common, path: "modules/l", type: "hardlink", linkname: "a", size: 0 } as const;
  const of = (text: string, mode = 0o644) =>
    digestOf("/modules", file("a", text, { mode }), folder("modules"), link);
  expect(await of("1")).toBe(await of("1"));
  expect(await of("2")).not.toBe(await of("1"));
  expect(await of("1", 0o755)).not.toBe(await of("1"));
});

test("wildcards and links depend on the whole tree", async () => {
  const linked = (target: string) =>
    digestOf(
      "/l",
      { ...common, path: "l", type: "symlink", linkname: target, size: 0 },
      ...modules,
      file("z", "z"),
    );
  expect(await linked("modules/a")).not.toBe(await linked("modules/b"));
  const matched = (text: string) => digestOf("/m*/a", folder("m1"), file("m1/a", text));
  expect(await matched("1")).not.toBe(await matched("2"));
});
