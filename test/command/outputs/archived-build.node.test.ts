import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unpackLayout } from "../../../src/command/outputs/archived-build.ts";
import { encodeMember, endOfArchive, padding } from "../../../src/tar/write.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

function index(name: string): string {
  const annotations = { "org.opencontainers.image.ref.name": name };
  const digest = `sha256:${"0".repeat(64)}`;
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  return JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size: 2, annotations }] });
}

function* member(path: string, text: string): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  yield encodeMember({ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length });
  yield bytes;
  yield padding(bytes.length);
}

function namesIn(folder: string): unknown[] {
  const { manifests } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
  return manifests.map((one: { annotations: object }) => Object.values(one.annotations)[0]);
}

test("a layout that cannot be completed keeps its index", async () => {
  using folder = temporaryFolder({ "index.json": index("old") });
  async function* interrupted(): AsyncGenerator<Uint8Array> {
    yield* member("index.json", index("new"));
    yield* member("oci-layout", "{}");
    throw new Error("the server is gone");
  }
  await expect(unpackLayout(folder.path, interrupted())).rejects.toThrow("the server is gone");
  expect(namesIn(folder.path)).toEqual(["old"]);
});

test("images that are written into one layout at the same time are all in its index", async () => {
  using folder = temporaryFolder({});
  async function* archive(name: string): AsyncGenerator<Uint8Array> {
    yield* member("index.json", index(name));
    yield* member(`blobs/sha256/${name}`, name);
    yield endOfArchive;
  }
  await Promise.all(["a", "b", "c"].map((name) => unpackLayout(folder.path, archive(name))));
  expect(namesIn(folder.path).sort()).toEqual(["a", "b", "c"]);
});
