import { z } from "zod";
import { descriptor } from "./events.ts";

/** What one image, or one tag of it, is in a list. */
export const imageSummary = z.object({
  /** Repository under `/v2/`. */
  name: z.string(),
  /** Absent for a manifest that no tag points at. */
  tag: z.string().optional(),
  /** Of the manifest, or of the index for several platforms. */
  digest: z.string(),
  mediaType: z.string(),
  /** Bytes stored of it: configs and different layers of all platforms, and the manifests. */
  size: z.int(),
  /** Digest of the config: docker's image ID. Of linux/amd64, or else of the first platform. Absent for artifacts. */
  imageId: z.string().optional(),
  /** RFC 3339, of that config. */
  created: z.string().optional(),
  /** `os/arch[/variant]`. */
  platforms: z.array(z.string()),
  /** Labels of that config. */
  labels: z.record(z.string(), z.string()).optional(),
});
export type ImageSummary = z.infer<typeof imageSummary>;

/** Images by name and tag, in byte order. */
export const imageList = z.object({
  images: z.array(imageSummary),
  /** Give this as `last` to go on; absent at the end. */
  next: z.string().optional(),
});
export type ImageList = z.infer<typeof imageList>;

/** A layer as it is stored, with what the config says of it. */
export const imageLayer = z.object({
  /** Position in the manifest; 0 is the base. */
  index: z.int(),
  mediaType: z.string(),
  digest: z.string(),
  /** Of the uncompressed layer. */
  diffId: z.string().optional(),
  /** Bytes as stored. */
  size: z.int(),
  /** RFC 3339. */
  created: z.string().optional(),
  createdBy: z.string().optional(),
  comment: z.string().optional(),
});
export type ImageLayer = z.infer<typeof imageLayer>;

/** An entry of the config's history, joined with its layer. */
export const historyRow = z.object({
  created: z.string().optional(),
  createdBy: z.string().optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  /** It changed the config only. */
  empty: z.boolean(),
  /** Bytes of its layer as stored; 0 without one. */
  size: z.int(),
  layer: imageLayer.pick({ index: true, mediaType: true, digest: true, diffId: true }).optional(),
});
export type HistoryRow = z.infer<typeof historyRow>;

/** Rows in the order in which they were made: the base first. */
export const imageHistory = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  history: z.array(historyRow),
});
export type ImageHistory = z.infer<typeof imageHistory>;

/** A manifest of an index. */
export const platformManifest = z.object({
  ...descriptor.shape,
  /** `os/arch[/variant]`; absent where the index does not say. */
  platform: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  /** Something that was attested about an image, not an image. */
  attestation: z.boolean(),
});

/** What starts with a container of the image (image-spec, config.md); Docker's own fields included. */
export const containerConfig = z.looseObject({
  User: z.string().optional(),
  ExposedPorts: z.record(z.string(), z.object({})).optional(),
  Env: z.array(z.string()).optional(),
  Entrypoint: z.array(z.string()).optional(),
  Cmd: z.array(z.string()).optional(),
  Volumes: z.record(z.string(), z.object({})).optional(),
  WorkingDir: z.string().optional(),
  Labels: z.record(z.string(), z.string()).optional(),
  StopSignal: z.string().optional(),
});

/** Everything that is known of an image, for one platform. */
export const imageInspection = z.object({
  name: z.string(),
  /** What the reference names: a manifest or an index. */
  descriptor,
  /** Tags of the repository that point at it. */
  tags: z.array(z.string()),
  /** The manifests of an index; of a manifest, itself. */
  manifests: z.array(platformManifest),
  /** The manifest that the rest tells of. */
  manifest: descriptor,
  /** Digest of its config: docker's image ID. */
  imageId: z.string(),
  /** `os/arch[/variant]`. */
  platform: z.string(),
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  created: z.string().optional(),
  author: z.string().optional(),
  config: containerConfig,
  /** Bytes stored of this platform: manifest, config and different layers. */
  size: z.int(),
  layers: z.array(imageLayer),
  history: z.array(historyRow),
  annotations: z.record(z.string(), z.string()),
  /** Id of the last build that made it, when that was here. */
  build: z.string().optional(),
});
export type ImageInspection = z.infer<typeof imageInspection>;

/** What a layer does to a path: `same` states again what was there already, times apart. */
export const fileChange = z.enum(["added", "changed", "same", "removed"]);
export type FileChange = z.infer<typeof fileChange>;

/** An entry of an image's file system. Bytes of a name that are not UTF-8 are written as `\udc80` to `\udcff`. */
export const fileEntry = z.object({
  /** Without a slash at its beginning; the root is empty. */
  path: z.string(),
  type: z.enum(["file", "dir", "symlink", "hardlink", "char", "block", "fifo"]),
  /** Permissions and special bits: `0o755` is 493. */
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  /** Bytes of a file. */
  size: z.int(),
  /** Seconds since 1970. */
  mtime: z.number(),
  /** Target of a link. */
  linkname: z.string().optional(),
  /** Of the contents of a file. */
  digest: z.string().optional(),
  device: z.tuple([z.int(), z.int()]).optional(),
  /** Values in base64. */
  xattrs: z.record(z.string(), z.string()).optional(),
  /** Position of the layer that it is from; 0 is the base. Absent for a directory that no layer states. */
  layer: z.int().optional(),
  /** When one layer was asked for: what it does to the path. */
  change: fileChange.optional(),
});
export type FileEntry = z.infer<typeof fileEntry>;

/** Entries of a folder, or those that a search found. As NDJSON, an entry a line. */
export const fileList = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  /** What is at the path; its links were followed. */
  entry: fileEntry,
  /** Of a directory, in byte order of their names; of anything else, none. */
  entries: z.array(fileEntry),
  /** Give this as `last` to go on; absent at the end. */
  next: z.string().optional(),
});
export type FileList = z.infer<typeof fileList>;

const flag = z
  .enum(["", "0", "1", "true", "false"])
  .transform((text) => text === "" || text === "1" || text === "true");
const count = (most: number) => z.coerce.number<string>().int().min(1).max(most);

/** Which platform of an index is meant; linux/amd64, or else the first, when absent. */
export const platformQuery = z.strictObject({ platform: z.string().max(64).optional() });

export const fileQuery = z.strictObject({
  ...platformQuery.shape,
  /** A path in the image; the root when absent. */
  path: z.string().max(4096).default(""),
  /** Only what this layer does: its position, digest or diffID. */
  layer: z.string().max(256).optional(),
  /** Everything below the path, one entry a line. */
  recursive: flag.default(false),
  /** Everything below the path whose path has this text in it, in whatever case. */
  search: z.string().min(1).max(256).optional(),
  /** The bytes of the file at the path. */
  content: flag.default(false),
  /** Entries of one answer. */
  n: count(10_000).default(1000),
  /** The `next` of the part before. */
  last: z.string().max(4096).optional(),
});
export type FileQuery = z.infer<typeof fileQuery>;

export const imageListQuery = z.strictObject({
  /** Only this repository. */
  name: z.string().max(255).optional(),
  /** Manifests that no tag points at, too; only with `name`. */
  untagged: flag.default(false),
  n: count(1000).default(100),
  last: z.string().max(1024).optional(),
});

export const archiveQuery = z.strictObject({
  /** `docker`: both what `docker load` reads and an OCI layout. `oci`: an OCI layout alone. */
  format: z.enum(["docker", "oci"]).default("docker"),
  /** One platform for `docker`, a comma list for `oci`; all of them when absent there. */
  platform: z.string().max(1024).optional(),
  /** Names that the image gets in the archive; its own when absent. */
  t: z.array(z.string().max(512)).max(64).default([]),
  /** For `/v1/images/archive`: the images, as `team/app:1.2` or `team/app@sha256:…`. */
  image: z.array(z.string().max(512)).max(64).default([]),
});
export type ArchiveQuery = z.infer<typeof archiveQuery>;

/** An image that an archive held. */
export const loadedImage = z.object({
  name: z.string(),
  /** Absent when the archive gives it no name and none was asked for. */
  tag: z.string().optional(),
  digest: z.string(),
  mediaType: z.string(),
  imageId: z.string().optional(),
});
export const loadResult = z.object({ images: z.array(loadedImage) });
export type LoadResult = z.infer<typeof loadResult>;

/** Tags that were made. */
export const tagResult = z.object({ digest: z.string(), tags: z.array(z.string()) });
export type TagResult = z.infer<typeof tagResult>;

/** What `DELETE` took away: a tag leaves its manifest, a digest goes with all its tags. */
export const untagResult = z.object({
  /** `name:tag`. */
  untagged: z.array(z.string()),
  /** Digest of a manifest that is no longer part of the repository. */
  deleted: z.array(z.string()),
});
export type UntagResult = z.infer<typeof untagResult>;

/** Files that are in more than one layer, by the arithmetic of dive. */
export const efficiency = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  /** Smallest size of every path over what all layers hold of it: 1 when nothing is there twice. */
  score: z.number(),
  /** Bytes of all paths that are in more than one layer, every one of them counted. */
  wastedBytes: z.int(),
  userWastedPercent: z
    .number()
    .min(0)
    .describe(
      "wastedBytes over the bytes of all layers but the first, 0 when those have none. A path of the first layer that a later one has again counts above with both, so it may be more than 1.",
    ),
  /** Bytes of the files in all layers. */
  totalBytes: z.int(),
  /** Those that waste most, first. */
  files: z.array(
    z.object({
      path: z.string(),
      /** Layers it is in or is removed by. */
      count: z.int(),
      /** Bytes in all of them. */
      bytes: z.int(),
    }),
  ),
  /** For every layer: bytes it adds to the merged tree (fewer than none when it removes), and files it holds. */
  layers: z.array(
    z.object({
      index: z.int(),
      /** Bytes of its files. */
      bytes: z.int(),
      /** By how much the merged tree grows or shrinks. */
      contribution: z.int(),
      /** Bytes of the merged tree up to here. */
      total: z.int(),
    }),
  ),
});
export type Efficiency = z.infer<typeof efficiency>;

/** A path that is not the same in two images. */
export const fileDifference = z.object({
  path: z.string(),
  change: z.enum(["added", "changed", "removed"]),
  /** As it is in each of the two. */
  before: fileEntry.omit({ path: true, change: true }).optional(),
  after: fileEntry.omit({ path: true, change: true }).optional(),
});
export type FileDifference = z.infer<typeof fileDifference>;

const compared = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  size: z.int(),
});
const changeCount = z.object({ files: z.int(), bytes: z.int() });

/** What is different in a second image. */
export const comparison = z.object({
  before: compared,
  after: compared,
  layers: z.object({
    shared: z.array(imageLayer),
    removed: z.array(imageLayer),
    added: z.array(imageLayer),
  }),
  /** Fields of the config: `Env.PATH`, `Cmd`, `Labels.version`. Values are JSON or text. */
  config: z.array(
    z.object({ field: z.string(), before: z.string().optional(), after: z.string().optional() }),
  ),
  /** Counts over all files; `bytes` of `changed` are those of the second image. Times are not compared. */
  counts: z.object({ added: changeCount, changed: changeCount, removed: changeCount }),
  /** In path order, as many as were asked for with `n`. */
  files: z.array(fileDifference),
  /** There are more. */
  more: z.boolean(),
});
export type Comparison = z.infer<typeof comparison>;

export const compareQuery = z.strictObject({
  ...platformQuery.shape,
  n: count(10_000).default(1000),
});
