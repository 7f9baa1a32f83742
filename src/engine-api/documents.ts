import type { HistoryRow, ImageInspection, ImageSummary } from "../../schemas/images.ts";

/** Seconds since 1970, which is what a time that is not known is to Docker. */
function seconds(time: string | undefined): number {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

/** Images as `GET /images/json` lists them: all names of an image in one entry, the newest image first. */
export function imageEntries(images: readonly ImageSummary[]): object[] {
  const byId = new Map<string, ImageSummary[]>();
  for (const image of images) {
    const id = image.imageId ?? image.digest;
    byId.set(id, [...(byId.get(id) ?? []), image]);
  }
  const entries = [...byId].map(([id, named]) => {
    const [first] = named as [ImageSummary, ...ImageSummary[]];
    return {
      Id: id,
      ParentId: "",
      RepoTags: named.flatMap(({ name, tag }) => (tag === undefined ? [] : `${name}:${tag}`)),
      RepoDigests: [...new Set(named.map(({ name, digest }) => `${name}@${digest}`))],
      Created: seconds(first.created),
      Size: first.size,
      SharedSize: -1,
      Labels: first.labels ?? null,
      Containers: -1,
    };
  });
  return entries.sort((a, b) => b.Created - a.Created);
}

/** An image as `GET /images/{name}/json` tells it. */
export function imageDocument({ name, tags, ...image }: ImageInspection): object {
  return {
    Id: image.imageId,
    RepoTags: tags.map((tag) => `${name}:${tag}`),
    RepoDigests: [`${name}@${image.descriptor.digest}`],
    Parent: "",
    Comment: image.history.at(-1)?.comment ?? "",
    Created: image.created ?? "0001-01-01T00:00:00Z",
    DockerVersion: "",
    Author: image.author ?? "",
    Config: containerConfig(image.config),
    Architecture: image.architecture,
    ...(image.variant !== undefined && { Variant: image.variant }),
    Os: image.os,
    Size: image.size,
    GraphDriver: { Name: "varve", Data: null },
    RootFS: { Type: "layers", Layers: image.layers.flatMap(({ diffId }) => diffId ?? []) },
    Metadata: { LastTagTime: "0001-01-01T00:00:00Z" },
  };
}

/** Clients of every age expect these fields of a config. */
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

/** The history as `GET /images/{name}/history` tells it: the newest entry first, and only that has an id. */
export function historyDocument(
  rows: readonly HistoryRow[],
  imageId: string,
  names: readonly string[],
): object[] {
  return rows.toReversed().map((row, index) => ({
    Id: index === 0 ? imageId : "<missing>",
    Created: seconds(row.created),
    CreatedBy: row.createdBy ?? "",
    Tags: index === 0 && names.length > 0 ? names : null,
    Size: row.size,
    Comment: row.comment ?? "",
  }));
}
