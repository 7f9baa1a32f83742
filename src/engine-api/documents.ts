import type { HistoryRow, ImageInspection } from "../../schemas/images.ts";
import { formatImageName } from "../engine/export.ts";
import { type DockerImage, shownDigest } from "./docker-images.ts";
import type { ImageSizes } from "./layer-sizes.ts";

/** Seconds since 1970; 0 for an unknown time. */
function seconds(time: string | undefined): number {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

/** An entry in the answers of `DELETE /images/{name}` and of a prune. */
export type DeletedImage = { Untagged: string } | { Deleted: string };

/**
 * The answer of `GET /images/json`: one entry per image with all its names, the newest image first.
 * @param hasShared whether the sizes of shared layers are listed
 */
export function imageEntries(
  images: readonly DockerImage[],
  sizes: ImageSizes["images"],
  hasShared: boolean,
): object[] {
  const entries = images.map(({ id, tags, digests, created, labels }) => ({
    Id: id,
    ParentId: "",
    RepoTags: tags.map(formatImageName),
    RepoDigests: digests.map(shownDigest),
    Created: seconds(created),
    Size: sizes.get(id)?.size ?? 0,
    SharedSize: hasShared ? (sizes.get(id)?.shared ?? 0) : -1,
    Labels: labels ?? null,
    Containers: -1,
  }));
  return entries.sort((a, b) => b.Created - a.Created);
}

export interface ImageNames {
  tags: readonly string[];
  digests: readonly string[];
}

/** The answer of `GET /images/{name}/json`. @param size of the unpacked layers, in bytes */
export function imageDocument(image: ImageInspection, { tags, digests }: ImageNames, size: number): object {
  return {
    Id: image.imageId,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: "",
    Comment: image.history.at(-1)?.comment ?? "",
    Created: image.created ?? "0001-01-01T00:00:00Z",
    DockerVersion: "",
    Author: image.author ?? "",
    Config: containerConfig(image.config),
    Architecture: image.architecture,
    ...(image.variant !== undefined && { Variant: image.variant }),
    Os: image.os,
    Size: size,
    GraphDriver: { Name: "varve", Data: null },
    RootFS: { Type: "layers", Layers: image.layers.flatMap(({ diffId }) => diffId ?? []) },
    Metadata: { LastTagTime: "0001-01-01T00:00:00Z" },
  };
}

/** Old clients expect all of these fields. */
function containerConfig(config: ImageInspection["config"]): object {
  return {
    Hostname: "",
    Domainname: "",
    User: "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: "",
    Volumes: null,
    WorkingDir: "",
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
    ...config,
  };
}

/**
 * The answer of `GET /images/{name}/history`: the newest entry first. Only that one has an ID.
 * @param sizes of the unpacked layers, the base first
 */
export function historyDocument(
  rows: readonly HistoryRow[],
  sizes: readonly number[],
  imageId: string,
  names: readonly string[],
): object[] {
  return rows.toReversed().map((row, index) => ({
    Id: index === 0 ? imageId : "<missing>",
    Created: seconds(row.created),
    CreatedBy: row.createdBy ?? "",
    Tags: index === 0 && names.length > 0 ? names : null,
    Size: row.layer === undefined ? 0 : (sizes[row.layer.index] ?? row.size),
    Comment: row.comment ?? "",
  }));
}

/**
 * The answer of `GET /system/df`.
 * @param cache bytes of the build cache, which is one record
 * @param types the requested kinds of objects; all if there are none
 */
export function usageDocument(
  images: readonly object[],
  layers: number,
  cache: number,
  types: readonly string[],
): object {
  const only = <T>(type: string, value: T) => (types.length === 0 || types.includes(type) ? value : null);
  const record = {
    ID: "varve",
    Type: "regular",
    Description: "contexts, tables of contents and cache mounts",
    InUse: false,
    Shared: false,
    Size: cache,
    CreatedAt: "0001-01-01T00:00:00Z",
    LastUsedAt: null,
    UsageCount: 0,
  };
  return {
    LayersSize: only("image", layers) ?? 0,
    Images: only("image", images),
    Containers: only("container", []),
    Volumes: only("volume", []),
    BuildCache: only("build-cache", cache === 0 ? [] : [record]),
  };
}
