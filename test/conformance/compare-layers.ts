import { deepStrictEqual, ok } from "node:assert/strict";
import { decompress } from "../../src/compression/decompress.ts";
import { openLayer } from "../../src/layers/toc.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { mergeLayers } from "../../src/rootfs/merge.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import type { Entry } from "../../src/tar/entry.ts";
import { readTar } from "../../src/tar/read.ts";
import type { ExpectedEntry } from "./integration-case.ts";

/** The settings of a comparison. */
interface LayerComparison {
  store: ObjectStore;
  /** All layers of the image. */
  layers: readonly Descriptor[];
  /** Number of layers of the base. */
  baseLayers: number;
  /** Compare time stamps where the record has one. */
  timed: boolean;
}

/** Compares the layers above the base, entry by entry in the order of the tar. */
export async function compareLayers(
  { store, layers, baseLayers, timed }: LayerComparison,
  expected: readonly (ExpectedEntry & { path: string })[][] = [],
): Promise<void> {
  const found: unknown[][] = [];
  for (const [index, { digest }] of layers.slice(baseLayers).entries()) {
    const stream = await store.get(blobKey(digest));
    ok(stream !== undefined, `the layer ${digest} is not stored`);
    const entries: unknown[] = [];
    for await (const { entry, body } of readTar((await decompress(chunks(stream))).body)) {
      const wanted = expected[index]?.[entries.length];
      entries.push({ path: entry.path, ...recorded(entry, await collect(body, MAX_BYTES), wanted, timed) });
    }
    found.push(entries);
  }
  deepStrictEqual(
    found,
    expected.map((layer) => layer.map((entry) => settled(entry, timed))),
  );
}

/** Compares the layers above the base, merged to one tree. */
export async function compareFiles(
  { store, layers, baseLayers, timed }: LayerComparison,
  expected: Readonly<Record<string, ExpectedEntry>> = {},
): Promise<void> {
  const opened = await Promise.all(layers.map(({ digest }) => openLayer(store, digest)));
  const trees = opened.map((layer) => {
    ok(layer !== undefined, "a layer has no table of contents");
    return layer.tree;
  });
  const merged = mergeLayers(trees);
  const base = mergeLayers(trees.slice(0, baseLayers));
  for (const { path } of merged.walk("")) {
    ok(expected[path] !== undefined || base.lookup(path) !== undefined, `there is "${path}"`);
  }
  for (const [path, entry] of Object.entries(expected)) {
    const node = merged.lookup(path);
    if (entry.type === "deleted") ok(node === undefined, `"${path}" is still there`);
    else {
      ok(node !== undefined, `there is no "${path}"`);
      const contents = node.type === "file" ? await collect(merged.read(node), MAX_BYTES) : new Uint8Array();
      deepStrictEqual(recorded(node, contents, entry, timed), settled(entry, timed));
    }
  }
}

const MAX_BYTES = 1 << 24;
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** An entry in the form of the record it is compared with. */
function recorded(
  { type, mode, uid, gid, mtime, size, linkname, device, xattrs }: Entry,
  contents: Uint8Array,
  wanted: ExpectedEntry | undefined,
  timed: boolean,
): object {
  return {
    type,
    mode: mode.toString(8).padStart(4, "0"),
    uid,
    gid,
    ...(type === "file" && !(wanted && isUnstable(wanted)) && { size }),
    ...(wanted?.content !== undefined && { content: decoder.decode(contents) }),
    ...(wanted?.sha256 !== undefined && { sha256: sha256(contents).slice("sha256:".length) }),
    ...(linkname !== undefined && { link: linkname }),
    ...(timed && wanted?.mtime !== undefined && wanted.mtime !== "now" && { mtime: Math.floor(mtime) }),
    ...(device !== undefined && { device }),
    ...(xattrs !== undefined && { xattrs }),
  };
}

/** A record without the times and contents that are not compared. */
function settled({ mtime, ...entry }: ExpectedEntry, timed: boolean): object {
  const { size: _, ...unstable } = entry;
  const stable = isUnstable(entry) ? unstable : entry;
  return timed && mtime !== undefined && mtime !== "now" ? { ...stable, mtime } : stable;
}

/** Whether the content of a file depends on the machine or differs between builds. */
function isUnstable({ type, content, sha256 }: ExpectedEntry): boolean {
  return type === "file" && content === undefined && sha256 === undefined;
}
