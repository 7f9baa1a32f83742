import { z } from "zod";
import { descriptor } from "./events.ts";
import { flag } from "./options.ts";

/** An entry in a list of images: one tag, or one manifest without a tag. */
const imageSummary = z.object({
  /** Repository under `/v2/`. */
  name: z.string(),
  /** Absent for a manifest that no tag points at. */
  tag: z.string().optional(),
  /** Of the manifest, or of the index for several platforms. */
  digest: z.string(),
  mediaType: z.string(),
  /** Stored bytes: manifests, configs and unique layers of all platforms. */
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
  /** Send this as `last` to request the next page; absent on the last page. */
  next: z.string().optional(),
});
export type ImageList = z.infer<typeof imageList>;

/** A stored layer, with its fields in the config. */
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
const historyRow = z.object({
  created: z.string().optional(),
  createdBy: z.string().optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  /** Whether it changed only the config. */
  empty: z.boolean(),
  /** Bytes of its layer as stored; 0 without one. */
  size: z.int(),
  layer: imageLayer.pick({ index: true, mediaType: true, digest: true, diffId: true }).optional(),
});
export type HistoryRow = z.infer<typeof historyRow>;

/** The history in order of creation: the base first. */
export const imageHistory = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  history: z.array(historyRow),
});
export type ImageHistory = z.infer<typeof imageHistory>;

/** A manifest of an index. */
const platformManifest = z.object({
  ...descriptor.shape,
  /** `os/arch[/variant]`; absent when the index has none. */
  platform: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  /** Whether it is an attestation of an image instead of an image. */
  attestation: z.boolean(),
});

/** Defaults for containers of the image (image-spec, config.md), including Docker's own fields. */
const containerConfig = z.looseObject({
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

/** Details of an image, for one platform. */
export const imageInspection = z.object({
  name: z.string(),
  /** The manifest or index of the reference. */
  descriptor,
  /** Tags of the repository that point at it. */
  tags: z.array(z.string()),
  /** The manifests of an index, or the manifest itself. */
  manifests: z.array(platformManifest),
  /** The manifest that the following fields describe. */
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
  /** Stored bytes of this platform: manifest, config and unique layers. */
  size: z.int(),
  layers: z.array(imageLayer),
  history: z.array(historyRow),
  annotations: z.record(z.string(), z.string()),
  /** Id of the last build on this server that made it. */
  build: z.string().optional(),
});
export type ImageInspection = z.infer<typeof imageInspection>;

/** The change of a path in a layer. `same`: the layer repeats the entry of a lower layer, except times. */
const fileChange = z.enum(["added", "changed", "same", "removed"]);
export type FileChange = z.infer<typeof fileChange>;

/** An entry of an image's file system. Bytes of a name that are not UTF-8 are written as `\udc80` to `\udcff`. */
export const fileEntry = z.object({
  /** Without a leading slash; the root is empty. */
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
  /** Index of its layer; 0 is the base. Absent for a directory that no layer contains. */
  layer: z.int().optional(),
  /** The change in the layer, if one layer was requested. */
  change: fileChange.optional(),
});
export type FileEntry = z.infer<typeof fileEntry>;

/** The entries of a folder, or the results of a search. As NDJSON, one entry per line. */
export const fileList = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  /** The entry at the path, with links resolved. */
  entry: fileEntry,
  /** The entries of a directory, in byte order of their names. */
  entries: z.array(fileEntry),
  /** Send this as `last` to request the next page; absent on the last page. */
  next: z.string().optional(),
});
export type FileList = z.infer<typeof fileList>;

/** Maximum number of entries of an answer, in a query. */
export const entryCount = (limit: number) => z.coerce.number<string>().int().min(1).max(limit);

/** The platform of an index. Default: linux/amd64, or else the first one. */
export const platformQuery = z.strictObject({ platform: z.string().max(64).optional() });

export const fileQuery = z.strictObject({
  ...platformQuery.shape,
  /** A path in the image. Default: the root. */
  path: z.string().max(4096).default(""),
  /** Lists the changes of this layer: its index, digest or diffID. */
  layer: z.string().max(256).optional(),
  /** Lists everything below the path, one entry per line. */
  recursive: flag.default(false),
  /** Lists the entries below the path whose path contains this text, case-insensitively. */
  search: z.string().min(1).max(256).optional(),
  /** Returns the bytes of the file at the path. */
  content: flag.default(false),
  /** Maximum number of entries in the answer. */
  n: entryCount(10_000).default(1000),
  /** The `next` of the previous answer. */
  last: z.string().max(4096).optional(),
});
export type FileQuery = z.infer<typeof fileQuery>;

export const imageListQuery = z.strictObject({
  /** Only this repository. */
  name: z.string().max(255).optional(),
  /** Also lists manifests without a tag; only with `name`. */
  untagged: flag.default(false),
  n: entryCount(1000).default(100),
  last: z.string().max(1024).optional(),
});

export const archiveQuery = z.strictObject({
  /** `docker`: for `docker load`, and also an OCI layout. `oci`: only an OCI layout. */
  format: z.enum(["docker", "oci"]).default("docker"),
  /** One platform for `docker`; a comma-separated list for `oci`, by default all. */
  platform: z.string().max(1024).optional(),
  /** Names of the image in the archive. Default: its name at the server. */
  t: z.array(z.string().max(512)).max(64).default([]),
  /** For `/v1/images/archive`: the images, for example `team/app:1.2` or `team/app@sha256:…`. */
  image: z.array(z.string().max(512)).max(64).default([]),
  /**
   * Annotations of the descriptors in the layout's index, as in a build, for example
   * `index-descriptor:org.example.key=value`. Other types have no effect.
   */
  annotation: z.array(z.string().max(4096)).max(64).default([]),
});
export type ArchiveQuery = z.infer<typeof archiveQuery>;

/** An image loaded from an archive. */
const loadedImage = z.object({
  name: z.string(),
  /** Absent when neither the archive nor the request names the image. */
  tag: z.string().optional(),
  digest: z.string(),
  mediaType: z.string(),
  imageId: z.string().optional(),
});
export const loadResult = z.object({ images: z.array(loadedImage) });
export type LoadResult = z.infer<typeof loadResult>;

/** The created tags. */
export const tagResult = z.object({ digest: z.string(), tags: z.array(z.string()) });
export type TagResult = z.infer<typeof tagResult>;

/** The result of `DELETE`. Deleting a tag keeps its manifest; deleting a digest also deletes its tags. */
export const untagResult = z.object({
  /** `name:tag`. */
  untagged: z.array(z.string()),
  /** Digests of manifests that were removed from the repository. */
  deleted: z.array(z.string()),
});
export type UntagResult = z.infer<typeof untagResult>;

/** Files that are in several layers, computed as dive does. */
export const efficiency = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  /** Sum of the smallest size of each path, divided by the sum of its sizes in all layers: 1 without duplicates. */
  score: z.number(),
  /** Bytes of all paths that are in several layers, counted in each layer. */
  wastedBytes: z.int(),
  userWastedPercent: z
    .number()
    .min(0)
    .describe(
      "wastedBytes divided by the bytes of all layers except the first; 0 when those are empty. A path of the first layer that a later layer repeats counts twice in wastedBytes, so the value may exceed 1.",
    ),
  /** Bytes of the files in all layers. */
  totalBytes: z.int(),
  /** In order of wasted bytes, the most first. */
  files: z.array(
    z.object({
      path: z.string(),
      /** Number of layers that contain or remove it. */
      count: z.int(),
      /** Bytes in all these layers. */
      bytes: z.int(),
    }),
  ),

  layers: z.array(
    z.object({
      index: z.int(),
      /** Bytes of its files. */
      bytes: z.int(),
      /** Change of the size of the merged tree; may be negative. */
      contribution: z.int(),
      /** Bytes of the merged tree up to this layer. */
      total: z.int(),
    }),
  ),
});
export type Efficiency = z.infer<typeof efficiency>;
