import type { Comparison } from "../../../schemas/comparison.ts";
import type { BuildResult } from "../../../schemas/events.ts";
import type { Efficiency, FileEntry, ImageInspection, ImageSummary } from "../../../schemas/images.ts";
import type { ImageAddress } from "../../client/images.ts";
import { distributionPath, readRepository, splitForeignName } from "../../registry/names.ts";
import { chunks } from "../../streams/chunks.ts";
import { lineBatches } from "../../streams/lines.ts";
import { imageClient, service } from "../service.ts";

/** The address of an image, with the platform if it has several. */
export interface ImageAt extends ImageAddress {
  platform?: string | undefined;
}

/** Formats the full name of an image: `app:1` or `app@sha256:…`. */
export function imageName({ name, reference }: ImageAddress): string {
  return `${name}${reference.includes(":") ? "@" : ":"}${reference}`;
}

/** Returns the reference of a built image: its first tag, otherwise its digest. */
export function referenceOf({ descriptor, tags }: Pick<BuildResult, "descriptor" | "tags">): string {
  const [tag] = tags;
  return tag === undefined ? descriptor.digest : tag.slice(tag.lastIndexOf(":") + 1);
}

/** Builds the API path of an image or of a resource below it. */
export function imagePath(
  { name, reference, platform }: ImageAt,
  rest = "",
  parameters: Record<string, string> = {},
) {
  const query = new URLSearchParams({ ...(platform !== undefined && { platform }), ...parameters });
  const path = `/v1/images/${name.split("/").map(encodeURIComponent).join("/")}/${encodeURIComponent(reference)}${rest}`;
  return query.size === 0 ? path : `${path}?${query}`;
}

/** Fetches the tagged images that the caller may see. @param name only those of this repository */
export async function fetchImages(name?: string): Promise<ImageSummary[]> {
  const found: ImageSummary[] = [];
  for await (const image of imageClient.list({ name })) found.push(image);
  return found;
}

export function fetchInspection(image: ImageAt): Promise<ImageInspection> {
  return service.ask(imagePath(image));
}

export function fetchEfficiency(image: ImageAt): Promise<Efficiency> {
  return service.ask(imagePath(image, "/efficiency"));
}

export function fetchComparison(before: ImageAt, after: ImageAt): Promise<Comparison> {
  const other = before.name === after.name ? after.reference : `${after.name}/${after.reference}`;
  return service.ask(imagePath(before, `/compare/${other.split("/").map(encodeURIComponent).join("/")}`));
}

/**
 * Fetches all entries of a file tree in path order, in batches as they arrive.
 * @param layer index of the layer; undefined for the merged tree
 */
export async function* fetchFiles(
  image: ImageAt,
  layer: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<FileEntry[]> {
  const parameters = { recursive: "1", ...(layer !== undefined && { layer: String(layer) }) };
  const answer = await service.request(imagePath(image, "/files", parameters), { signal });
  if (answer.body === null) return;
  for await (const lines of lineBatches(chunks(answer.body), 4 * 1024 * 1024)) {
    yield lines.filter((line) => line !== "").map((line) => JSON.parse(line) as FileEntry);
  }
}

/** Builds the API path of a file's contents. */
export function contentPath(image: ImageAt, path: string): string {
  return imagePath(image, "/files", { path, content: "1" });
}

/** Fetches a manifest or config as stored. */
export async function fetchDocument(
  name: string,
  kind: "manifests" | "blobs",
  digest: string,
): Promise<string> {
  const answer = await service.request(registryPath(name, `${kind}/${digest}`), {
    headers: { accept: "*/*" },
  });
  return answer.text();
}

/** Builds the registry path of a resource of a repository. @param name the displayed name */
export function registryPath(name: string, resource: string): string {
  return distributionPath(readRepository(name), resource);
}

/**
 * Returns a shell command that loads an image into docker. An image named after another registry is loaded as an
 * archive, because docker would pull it from that registry.
 */
export function dockerPullCommand({ name, reference }: ImageAddress): string {
  const repository = readRepository(name);
  if (splitForeignName(repository) === undefined) {
    return `docker pull ${location.host}/${imageName({ name: repository, reference })}`;
  }
  return `curl -sSL ${location.origin}${imagePath({ name, reference }, "/archive")} | docker load`;
}

/**
 * Returns a `docker run` command for an image of this server; undefined for an image named after another registry.
 * @param ports ports of the config, such as `80/tcp`. Each is published under the same number, or for a number below
 * 1024, under the number plus 8000.
 */
export function dockerRunCommand(
  { name, reference }: ImageAddress,
  ports: readonly string[],
): string | undefined {
  const repository = readRepository(name);
  if (splitForeignName(repository) !== undefined) return undefined;
  const published = ports.map((port) => {
    const [number = "", protocol = "tcp"] = port.split("/");
    const outside = Number(number) < 1024 ? Number(number) + 8000 : Number(number);
    return `-p ${outside}:${number}${protocol === "tcp" ? "" : `/${protocol}`} `;
  });
  return `docker run --rm ${published.join("")}${location.host}/${imageName({ name: repository, reference })}`;
}
