import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDigest } from "../oci/digest.ts";
import { encodeImageIndex } from "../oci/image-index.ts";
import { writeJson } from "../oci/json.ts";
import { isNondistributable, OCI } from "../oci/media-types.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { chunks } from "../streams/chunks.ts";
import type { Entry } from "../tar/entry.ts";
import { comparePaths } from "../tar/text.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";
import type { ArchivedImage } from "./archived-image.ts";
import { ImageError } from "./image-error.ts";

/** `docker`: readable by `docker load`, and also an OCI layout; `oci`: only an OCI layout. */
type ArchiveFormat = "docker" | "oci";

/** An archive of known size. */
interface ImageArchive {
  /** Bytes. */
  size: number;
  bytes(): AsyncGenerator<Uint8Array>;
}

/** A member of the tar, with its bytes or the digest of a blob. */
type Member = { path: string; size: number } & (
  | { bytes: Uint8Array }
  | { blob: string }
  | { directory: true }
);

/** Metadata of every member, fixed so that the same images give the same archive. */
const META = { uid: 0, gid: 0, mtime: 315_532_800 };
const LAYOUT = writeJson({ imageLayoutVersion: "1.0.0" });

/**
 * Writes images as a tar (image-spec, image-layout.md). Checks first that all contents are stored.
 * @throws {ImageError} `layer-unreadable` when a blob is missing
 */
export async function archiveImages(
  store: ObjectStore,
  images: readonly ArchivedImage[],
  format: ArchiveFormat,
): Promise<ImageArchive> {
  const members = new Map<string, Member>();
  const add = (member: Member) => members.set(member.path, member);
  add({ path: "oci-layout", size: LAYOUT.length, bytes: LAYOUT });
  for (const file of [indexOf(images), ...(format === "docker" ? dockerFiles(images) : [])]) {
    add({ path: file.path, size: file.bytes.length, bytes: file.bytes });
  }
  for (const { documents, blobs } of images) {
    for (const { digest, bytes } of documents) add({ path: layoutPath(digest), size: bytes.length, bytes });
    for (const { digest, size, mediaType } of blobs) {
      if (!isNondistributable(mediaType)) add({ path: layoutPath(digest), size, blob: digest });
    }
  }
  for (const folder of foldersOf(members.keys())) add({ path: folder, size: 0, directory: true });
  const ordered = [...members.values()].sort((a, b) => comparePaths(a.path, b.path));
  await requireBlobs(store, ordered);
  let size = endOfArchive.length;
  for (const member of ordered) size += headerOf(member).length + member.size + padding(member.size).length;
  return { size, bytes: () => write(store, ordered) };
}

async function* write(store: ObjectStore, members: readonly Member[]): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    yield headerOf(member);
    if ("bytes" in member) yield member.bytes;
    else if ("blob" in member && member.size > 0) {
      const stream = await store.get(blobKey(member.blob));
      if (stream === undefined)
        throw new Error(`Cannot continue the archive: blob ${member.blob} was deleted`);
      yield* chunks(stream);
    }
    if (padding(member.size).length > 0) yield padding(member.size);
  }
  yield endOfArchive;
}

function headerOf({ path, size, ...member }: Member): Uint8Array {
  const isDirectory = "directory" in member;
  const entry: Entry = {
    ...META,
    path,
    size,
    type: isDirectory ? "dir" : "file",
    mode: isDirectory ? 0o755 : 0o644,
  };
  return encodeMember(entry);
}

async function requireBlobs(store: ObjectStore, members: readonly Member[]): Promise<void> {
  for (const member of members) {
    if (!("blob" in member)) continue;
    const found = await store.head(blobKey(member.blob));
    if (found?.size === member.size) continue;
    throw new ImageError("layer-unreadable", `Cannot archive ${member.blob}: it is not stored`);
  }
}

/** The index of the layout, with one entry for each name of each image. */
function indexOf(images: readonly ArchivedImage[]): { path: string; bytes: Uint8Array } {
  const manifests = images.flatMap(({ descriptor, names }): Descriptor[] => {
    if (names.length === 0) return [descriptor];
    return names.map(({ full, tag }) => ({
      ...descriptor,
      annotations: {
        ...descriptor.annotations,
        "io.containerd.image.name": full,
        "org.opencontainers.image.ref.name": tag,
      },
    }));
  });
  return {
    path: "index.json",
    bytes: encodeImageIndex({ schemaVersion: 2, mediaType: OCI.index, manifests }),
  };
}

/** The files that all versions of `docker load` read. */
function dockerFiles(images: readonly ArchivedImage[]): { path: string; bytes: Uint8Array }[] {
  const repositories = new Map<string, Map<string, string>>();
  const manifest = images.flatMap(({ manifests, names }) =>
    manifests.map(({ config, layers }) => {
      const top = layers.at(-1);
      for (const { repository, tag } of top === undefined ? [] : names) {
        const tags = repositories.get(repository) ?? new Map<string, string>();
        repositories.set(repository, tags.set(tag, parseDigest(top?.digest ?? "")?.encoded ?? ""));
      }
      return {
        Config: layoutPath(config.digest),
        RepoTags: names.length === 0 ? null : names.map(({ repository, tag }) => `${repository}:${tag}`),
        Layers: layers.map(({ digest }) => layoutPath(digest)),
      };
    }),
  );
  return [
    { path: "manifest.json", bytes: writeJson(manifest) },
    { path: "repositories", bytes: writeJson(repositories) },
  ];
}

/** The path of a content in an OCI layout (image-spec, image-layout.md, "Blobs"). */
export function layoutPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
      folders.add(path.slice(0, at));
  }
  return folders;
}
