import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ingestLayer } from "../../src/layers/ingest.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { type MemoryEntry, memoryTree } from "../helpers/memory-tree.ts";
import { testFolder } from "../helpers/test-folder.ts";
import { blobOf, contentsOf, layerOf, sourceTree } from "./entries.ts";

const folder = testFolder("layer");

const entries: MemoryEntry[] = [
  ...sourceTree(100),
  { path: `${"deep/".repeat(30)}${"n".repeat(200)}`, contents: "long" },
  { path: "gr\u00fcn/\u{1f600}", contents: "not ASCII" },
  { path: "old", contents: "before 1970", mtime: -1.5 },
  { path: "zz", type: "hardlink", linkname: "bin/tool" },
];

describe.each(["gzip", "zstd"] as const)("GNU tar unpacks a layer in %s", (compression) => {
  test("to the input", async () => {
    const store = memoryStore();
    const tree = memoryTree(entries);
    const blob = join(folder, `layer.${compression}`);
    writeFileSync(blob, await blobOf(store, await layerOf(store, tree, { compression })));
    const target = join(folder, compression);
    execFileSync("mkdir", [target]);
    // Prints only warnings, and there must be none.
    const output = execFileSync(
      "tar",
      ["-x", `--${compression}`, "-f", blob, "-C", target, "--numeric-owner"],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    expect(output).toBe("");
    for (const node of tree.walk("")) {
      const path = join(target, node.path);
      const stat = lstatSync(path);
      if (node.type === "symlink") {
        expect(readlinkSync(path)).toBe(node.linkname);
        continue;
      }
      expect(stat.isDirectory(), node.path).toBe(node.type === "dir");
      if (node.type === "file") {
        expect(stat.mode & 0o7777, node.path).toBe(node.mode);
        expect(stat.mtimeMs / 1000, node.path).toBe(node.mtime);
        expect(sha256(readFileSync(path)), node.path).toBe(node.digest);
      }
    }
    expect(lstatSync(join(target, "zz")).ino).toBe(lstatSync(join(target, "bin/tool")).ino);
  });
});

describe.each([
  ["--gzip", OCI.layerGzip],
  ["--zstd", OCI.layerZstd],
])("a layer that GNU tar made with %s", (flag, mediaType) => {
  test("gives its files", async () => {
    const root = new URL("../../src/layers", import.meta.url).pathname;
    expect(existsSync(root)).toBe(true);
    const blob = execFileSync("tar", ["-c", flag, "-C", root, "."], { maxBuffer: 2 ** 26 });
    const tar = execFileSync("tar", ["-c", "-C", root, "."], { maxBuffer: 2 ** 26 });
    const store = memoryStore();
    await store.put(blobKey(sha256(blob)), blob, blob.length);
    const layer = { digest: sha256(blob), size: blob.length, mediaType, diffId: sha256(tar) };
    const { tree } = await ingestLayer(store, layer);
    const files = [...tree.walk("")].filter(({ type }) => type === "file");
    expect(files.length).toBeGreaterThan(5);
    for (const { path } of files) {
      expect(new TextDecoder().decode(await contentsOf(tree, path))).toBe(
        readFileSync(join(root, path), "utf8"),
      );
    }
  });
});
