import type { FileEntry, ImageInspection } from "../../schemas/images.ts";
import { decompress } from "../compression/decompress.ts";
import { readRepository } from "../registry/names.ts";
import type { RegistryReader } from "../registry/registry.ts";
import { chunks } from "../streams/chunks.ts";
import type { Entry } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";
import type { ImageAddress, Images } from "./images.ts";

interface ImageTarOptions {
  images: Images;
  /** The registry interface of the same server, which has the layers. */
  registry: RegistryReader;
  image: ImageAddress;
  /** Empty for the image's default platform. */
  platforms: readonly string[];
  /** Whether each platform has its own folder. Default: if there are several. */
  split?: boolean | undefined;
}

/**
 * The merged files of an image as one tar. Reads each layer once.
 * @throws {Error} when two platforms have different entries at one path
 */
export async function* imageTar(options: ImageTarOptions): AsyncGenerator<Uint8Array> {
  const { images, image, split = options.platforms.length > 1 } = options;
  const platforms = options.platforms.length === 0 ? [undefined] : options.platforms;
  /** By path, the first platform that has it. */
  const paths = new Map<string, string>();
  for (const platform of platforms) {
    if (split) {
      const { platform: own } = await images.inspect(image, platform);
      yield* members(options, platform, {
        prefix: `${(platform ?? own).replaceAll("/", "_")}/`,
        skips: () => false,
      });
      continue;
    }
    const skips = ({ path, type }: FileEntry) => {
      const first = paths.get(path);
      if (first === undefined) paths.set(path, platform ?? "");
      if (first === undefined) return false;
      if (type === "dir") return true;
      throw new Error(
        `cannot overwrite ${path} from ${first} with ${platform} when split option is disabled`,
      );
    };
    yield* members(options, platform, { prefix: "", skips: platforms.length > 1 ? skips : () => false });
  }
  yield endOfArchive;
}

interface Placement {
  /** Prefix of each path. */
  prefix: string;
  /** Whether to leave out an entry because an earlier platform has it. */
  skips(file: FileEntry): boolean;
}

async function* members(
  { images, registry, image }: ImageTarOptions,
  platform: string | undefined,
  { prefix, skips }: Placement,
): AsyncGenerator<Uint8Array> {
  const { layers } = await images.inspect(image, platform);
  const wanted = layers.map(() => new Map<string, FileEntry>());
  if (prefix !== "") yield encodeMember({ ...ROOT, path: prefix.slice(0, -1) });
  for await (const file of images.files(image, platform)) {
    if (skips(file)) continue;
    if (file.layer !== undefined) wanted[file.layer]?.set(file.path, file);
    // A directory that no layer contains, but that has entries.
    else yield encodeMember({ ...entryOf(file), path: prefix + file.path });
  }
  /** Hard links whose first name a later layer removed. They come last, after the files that they link to. */
  const relinked: Uint8Array[] = [];
  for (const [index, files] of wanted.entries()) {
    if (files.size === 0) continue;
    const layer = layers[index] as ImageInspection["layers"][number];
    const { body } = await decompress(chunks(await registry.readBlob(readRepository(image.name), layer)));
    for await (const member of readTar(body)) {
      const file = files.get(member.entry.path);
      if (file === undefined || member.entry.path === "") continue;
      const isRelinked = file.type === "hardlink" && member.entry.linkname !== file.linkname;
      const isItself = member.entry.type === file.type && !isRelinked;
      const entry = isItself ? member.entry : entryOf(file);
      const header = encodeMember({
        ...entry,
        path: prefix + entry.path,
        ...(entry.type === "hardlink" && { linkname: prefix + entry.linkname }),
      });
      if (isRelinked) relinked.push(header);
      else yield header;
      if (entry.type !== "file") continue;
      // The target of a former hard link may have been removed, so its content is read from the merged image.
      yield* isItself ? member.body : contentOf(images, image, file.path, platform);
      yield padding(entry.size);
    }
  }
  yield* relinked;
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
