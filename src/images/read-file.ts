import type { Contents, Node } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { ImageFiles, type LayeredNode } from "./files.ts";
import type { Image } from "./image.ts";
import { openImageLayer, openLayers } from "./open-layers.ts";

/** A file of an image and the way to its bytes. */
export interface OpenFile {
  node: Node;
  contents: Contents;
}

/**
 * Opens a file of the merged tree. Its layer is opened anew: bytes are on their way for one request only.
 * @throws ImageError `file-unknown`, `not-a-file`, `layer-unreadable`
 */
export async function openFile(
  store: ObjectStore,
  image: Image,
  files: ImageFiles,
  path: string,
): Promise<OpenFile> {
  const node: LayeredNode = files.file(path);
  const { tree } = await openImageLayer(store, image, node.layer ?? 0);
  const there = tree.lookup(node.path);
  if (there?.digest === node.digest && there?.contents !== undefined)
    return { node, contents: there.contents };
  // A hard link whose target is another file now has its contents under another name.
  const layers = await openLayers(store, image);
  const { contents } = new ImageFiles(layers.map((layer) => layer.tree)).file(path);
  if (contents === undefined) throw new Error(`Cannot read "${node.path}": no layer has contents for it`);
  return { node, contents };
}

/** `length` bytes of a file from `offset`: only what holds them is read, where the contents can do that. */
export async function* readPart(
  contents: Contents,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  const part = contents.part?.(offset, length);
  if (part !== undefined) {
    yield* part.read();
    return;
  }
  let skip = offset;
  let missing = length;
  for await (const chunk of contents.read()) {
    const wanted = chunk.subarray(skip, skip + missing);
    skip = Math.max(0, skip - chunk.length);
    missing -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (missing === 0) return;
  }
}
