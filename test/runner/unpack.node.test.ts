import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unpackLayer } from "../../src/runner/snapshots/unpack.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { archive, unable } from "./workbench.ts";

describe.skipIf(unable)("unpacking a layer", () => {
  it("keeps the times of directories, wherever the entries below them and removals are", async () => {
    const layer = archive([
      { path: "a", type: "dir", mtime: 1 },
      { path: "b", type: "dir", mtime: 2 },
      { path: "b/.wh.removed", mtime: 9 },
      { path: "hidden", type: "dir", mtime: 3 },
      { path: "hidden/.wh..wh..opq", mtime: 9 },
      { path: "hidden/inner", type: "dir", mtime: 4 },
      { path: "a/late", mtime: 5 },
      { path: "hidden/inner/late", mtime: 6 },
    ]);
    const digest = sha256(layer);
    const mediaType = "application/vnd.oci.image.layer.v1.tar";
    const stored = { mediaType, digest, size: layer.length, diffId: digest };
    using folder = temporaryFolder();
    const { signal } = new AbortController();
    await unpackLayer(stored, singleChunk(layer), folder.path, { prefix: "trusted", signal });
    const timeOf = (path: string) => statSync(join(folder.path, path)).mtimeMs / 1000;
    const paths = ["a", "b", "hidden", "hidden/inner", "a/late", "hidden/inner/late"];
    expect(paths.map(timeOf)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(statSync(join(folder.path, "b/removed")).isCharacterDevice()).toBe(true);
  });
});
