import type { FileEntry, ImageInspection } from "../../schemas/images.ts";
import { decompress } from "../compression/decompress.ts";
import { readRepository } from "../registry/names.ts";
import type { RegistryReader } from "../registry/registry.ts";
import { chunks } from "../streams/chunks.ts";
import type { Entry } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";
import type { ImageAddress, Images } from "./images.ts";

export interface ImageTarOptions {
  images: Images;
  /** The same server's other interface, which has the layers. */
  registry: RegistryReader;
  image: ImageAddress;
  /** All of them, each in a folder of its own, when there are several. */
  platforms: readonly string[];
}

/** The files of an image as one tar: each as the last layer that has it says. Each layer is read once. */
export async function* imageTar(options: ImageTarOptions): AsyncGenerator<Uint8Array> {
  const platforms = options.platforms.length > 1 ? options.platforms : [options.platforms[0]];
  for (const platform of platforms) {
    const prefix = options.platforms.length > 1 ? `${platform?.replaceAll("/", "_")}/` : "";
    yield* members(options, platform, prefix);
  }
  yield endOfArchive;
}

async function* members(
  { images, registry, image }: ImageTarOptions,
  platform: string | undefined,
  prefix: string,
): AsyncGenerator<Uint8Array> {
  const { layers } = await images.inspect(image, platform);
  const wanted = layers.map(() => new Map<string, FileEntry>());
  if (prefix !== "") yield encodeMember({ ...ROOT, path: prefix.slice(0, -1) });
  for await (const file of images.files(image, platform)) {
    if (file.layer !== undefined) wanted[file.layer]?.set(file.path, file);
    // No layer states it, but something is in it.
    else yield encodeMember({ ...entryOf(file), path: prefix + file.path });
  }
  for (const [index, files] of wanted.entries()) {
    if (files.size === 0) continue;
    const layer = layers[index] as ImageInspection["layers"][number];
    const { body } = await decompress(chunks(await registry.readBlob(readRepository(image.name), layer)));
    for await (const member of readTar(body)) {
      const file = files.get(member.entry.path);
      if (file === undefined || member.entry.path === "") continue;
      const isItself = member.entry.type === file.type;
      const entry = isItself ? member.entry : entryOf(file);
      yield encodeMember({
        ...entry,
        path: prefix + entry.path,
        ...(entry.type === "hardlink" && { linkname: prefix + entry.linkname }),
      });
      if (entry.type !== "file") continue;
      // What it was a link to is gone by now.
      yield* isItself ? member.body : contentOf(images, image, file.path, platform);
      yield padding(entry.size);
    }
  }
}

const ROOT: Omit<Entry, "path"> = { type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 315_532_800, size: 0 };

function entryOf({ path, type, mode, uid, gid, size, mtime, linkname, device, xattrs }: FileEntry): Entry {
  return {
    path,
    type,
    mode,
    uid,
    gid,
    size: type === "file" ? size : 0,
    mtime,
    ...(linkname !== undefined && { linkname }),
    ...(device !== undefined && { device: { major: device[0], minor: device[1] } }),
    ...(xattrs !== undefined && { xattrs }),
  };
}

async function* contentOf(images: Images, image: ImageAddress, path: string, platform: string | undefined) {
  const { body } = await images.content(image, path, platform);
  if (body !== null) yield* chunks(body as ReadableStream<Uint8Array>);
}
