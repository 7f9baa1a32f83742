import { beforeEach, describe, expect, test } from "vitest";
import { zstdFrame } from "../../src/compression/members.ts";
import { AvailableFiles } from "../../src/context/available-files.ts";
import type { Context } from "../../src/context/context.ts";
import { ContextDraft, type DraftLimits } from "../../src/context/context-draft.ts";
import { listingDigest } from "../../src/context/listing.ts";
import { ListingError } from "../../src/context/listing-error.ts";
import { encodePack, type PackContents, packKey } from "../../src/context/pack.ts";
import { PackError } from "../../src/context/pack-error.ts";
import { readPackHeader } from "../../src/context/pack-header.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { collect } from "../../src/streams/collect.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { file, hardLink, link, nodeOf, type TreeEntry, tree } from "../helpers/tree.ts";

const encoder = new TextEncoder();
const hexOf = (text: string) => sha256(text).slice(7);

let store: ObjectStore;
let files: AvailableFiles;
beforeEach(() => {
  store = memoryStore();
  files = new AvailableFiles();
});

/** Stores a pack with this data, and registers its files. */
async function addPack(data: string, contents: PackContents): Promise<void> {
  const block = zstdFrame(encoder.encode(data), 1);
  const bytes = concat(encodePack([block], [[block.length, data.length]], contents).parts);
  const digest = sha256(bytes);
  await store.put(packKey(digest), bytes, bytes.length);
  files.addPack(digest, readPackHeader(bytes, digest));
}

const addFiles = (...texts: string[]) =>
  addPack(texts.join(""), { files: texts.map((text) => [hexOf(text), text.length] as const) });

async function draft(nodes: Iterable<Node>, limits?: DraftLimits) {
  const made = new ContextDraft(files, limits);
  for (const node of nodes) made.add(node);
  return made.finish(store);
}

const nodes = (entries: Record<string, TreeEntry>): Node[] => [...tree(entries).walk("")];

describe("a draft", () => {
  const entries = {
    a: "one",
    "d/b": "two",
    "d/c": "one",
    "d/empty": "",
    "d/hard": hardLink("d/b"),
    l: link("a"),
  };

  test("reports missing files, each once, in path order", async () => {
    expect((await draft(nodes(entries))).missing).toEqual([sha256("one"), sha256("two")]);
    await addFiles("one");
    expect((await draft(nodes(entries))).missing).toEqual([sha256("two")]);
  });

  test("is a context when nothing is missing", async () => {
    await addFiles("zero", "two", "one");
    const { tree: made, missing, digest, packs } = await draft(nodes(entries));
    expect(missing).toEqual([]);
    expect(packs).toHaveLength(1);
    expect(digest).toBe(listingDigest(tree(entries)));
    expect(digest).toBe(listingDigest(made));
    const contentOf = async (path: string) => {
      const node = made.lookup(path) as Node;
      return new TextDecoder().decode(await collect(made.read(node), 100));
    };
    expect(await contentOf("d/b")).toBe("two");
    expect(await contentOf("d/c")).toBe("one");
    expect(await contentOf("d/hard")).toBe("two");
  });

  test("omits packs that it does not need", async () => {
    await addFiles("zero");
    await addFiles("one");
    expect((await draft(nodes({ a: "one" }))).packs.map((pack) => pack === undefined)).toEqual([true, false]);
  });
});

describe("a listing is rejected", () => {
  const missingParent = [nodeOf("d/x", "1")];
  const below = [nodeOf("a", "1"), nodeOf("a/b", "1")];
  const belowLink = [nodeOf("d", { type: "dir" }), nodeOf("l", link("d")), nodeOf("l/x", "1")];
  test.each<[string, Node[], string]>([
    ["without a directory", missingParent, "its directory is not in the listing"],
    ["below a file", below, "its directory is not in the listing"],
    ["below a link", belowLink, "its directory is not in the listing"],
    [
      "with a link to what comes later",
      [nodeOf("a", hardLink("b")), nodeOf("b", "1")],
      "its target is not an earlier file",
    ],
    [
      "with a link to a directory",
      [nodeOf("d", { type: "dir" }), nodeOf("e", hardLink("d"))],
      "is not an earlier file",
    ],
    ["with a link to a link", [nodeOf("a", link("x")), nodeOf("b", hardLink("a"))], "is not an earlier file"],
  ])("%s", async (_, listing, reason) => {
    await expect(draft(listing)).rejects.toThrow(ListingError);
    await expect(draft(listing)).rejects.toThrow(reason);
  });

  test("with another size than the contents have", async () => {
    await addFiles("one");
    await expect(draft([{ ...nodeOf("a", "one"), size: 4 }])).rejects.toThrow(
      "the file with its digest has 3",
    );
  });

  test("with too many entries or bytes", async () => {
    await expect(draft(nodes({ a: "1", b: "1" }), { maxEntries: 1 })).rejects.toThrow("more than");
    await expect(draft(nodes({ a: "one", b: "one" }), { maxBytes: 5 })).rejects.toThrow("more than 5 bytes");
  });
});

describe("a large file in several packs", () => {
  const large = [nodeOf("large", file("first second third"))];
  const hex = hexOf("first second third");

  test("is complete when all of them are known, in any order", async () => {
    await addPack("second ", { files: [], part: [hex, 6] });
    await addPack("first ", { files: [], part: [hex, 0] });
    expect((await draft(large)).missing).toEqual([`sha256:${hex}`]);
    await addPack("third", { files: [], part: [hex, 13] });
    const { missing, tree: made } = await draft(large);
    expect(missing).toEqual([]);
    await files.verifyJoined(store);
    const bytes = await collect(made.read(made.lookup("large") as Node), 100);
    expect(new TextDecoder().decode(bytes)).toBe("first second third");
  });

  test("is rejected when they have other contents", async () => {
    await addPack("first ", { files: [], part: [hex, 0] });
    await addPack("secand third", { files: [], part: [hex, 6] });
    expect((await draft(large)).missing).toEqual([]);
    await expect(files.verifyJoined(store)).rejects.toThrow(PackError);
  });

  test("is missing when they are too many", async () => {
    await addPack("first ", { files: [], part: [hex, 0] });
    await addPack("second third fourth", { files: [], part: [hex, 6] });
    expect((await draft(large)).missing).toEqual([`sha256:${hex}`]);
  });
});

describe("a listing over an earlier context", () => {
  const over = (base: Context, others: Context[], listing: readonly Node[]) => {
    files = new AvailableFiles(base, ...others);
    const made = new ContextDraft(files);
    const places = new Map([...base.tree.placed()].map(({ node, place }) => [node.path, place]));
    for (const node of listing) made.add(node, places.get(node.path));
    return made.finish(store);
  };
  const contentsOf = async ({ tree: made }: Context) => {
    const texts: string[] = [];
    for (const node of made.walk(""))
      texts.push(new TextDecoder().decode(await collect(made.read(node), 100)));
    return texts;
  };

  test("finds files in earlier packs, and the number of packs stays small", async () => {
    await addFiles("one");
    await addFiles("two", "three");
    const first = await draft(nodes({ a: "one", b: "two" }));
    // Moved files are found in the contexts, whose packs must not count twice.
    let last: Context = first;
    for (let round = 0; round < 5; round++) {
      last = await over(last, [first], nodes({ a: "one", [`c${round}`]: "two" }));
    }
    expect(await contentsOf(last)).toEqual(["one", "two"]);
    expect(last.packs).toHaveLength(2);
  });

  test("finds files of other contexts of the scope", async () => {
    await addFiles("one");
    const first = await draft(nodes({ a: "one" }));
    files = new AvailableFiles();
    await addFiles("two");
    const second = await draft(nodes({ a: "two" }));
    const both = await over(first, [second], [nodeOf("a", "one"), nodeOf("b", "two")]);
    expect(both.missing).toEqual([]);
    expect(await contentsOf(both)).toEqual(["one", "two"]);
  });
});
