import type { Comparison } from "../../../schemas/comparison.ts";
import type {
  Efficiency,
  FileEntry,
  ImageInspection,
  ImageList,
  ImageSummary,
} from "../../../schemas/images.ts";
import { distributionPath, readRepository, splitForeignName } from "../../registry/names.ts";
import { chunks } from "../../streams/chunks.ts";
import { lineBatches } from "../../streams/lines.ts";
import { service } from "../service.ts";

/** Identifies an image: repository, tag or digest, and platform if there are several. */
export interface ImageAt {
  name: string;
  reference: string;
  platform?: string | undefined;
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

/** Requests all images that the caller may see. */
export function allImages(): Promise<ImageSummary[]> {
  return listImages({});
}

/** Requests the tagged images of a repository. */
export function imagesOf(name: string): Promise<ImageSummary[]> {
  return listImages({ name });
}

async function listImages(parameters: Record<string, string>): Promise<ImageSummary[]> {
  const images: ImageSummary[] = [];
  for (let last: string | undefined; ; ) {
    const query = new URLSearchParams({ ...parameters, n: "1000", ...(last !== undefined && { last }) });
    const page = await service.ask<ImageList>(`/v1/images?${query}`);
    images.push(...page.images);
    if (page.next === undefined) return images;
    last = page.next;
  }
}

export function inspect(image: ImageAt): Promise<ImageInspection> {
  return service.ask(imagePath(image));
}

export function efficiency(image: ImageAt): Promise<Efficiency> {
  return service.ask(imagePath(image, "/efficiency"));
}

/** Requests the differences of the second image from the first. */
export function compare(before: ImageAt, after: ImageAt): Promise<Comparison> {
  const other = before.name === after.name ? after.reference : `${after.name}/${after.reference}`;
  return service.ask(imagePath(before, `/compare/${other.split("/").map(encodeURIComponent).join("/")}`));
}

/** Deletes a tag. The manifest stays. */
export function untag({ name, reference }: ImageAt): Promise<unknown> {
  return service.ask(imagePath({ name, reference }), { method: "DELETE" });
}

/**
 * Yields all entries of the merged tree or of one layer in path order, in batches as they arrive.
 * @param layer index of the layer; undefined for the merged tree
 */
export async function* files(
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

/** Requests a manifest or config as stored. */
export async function document(name: string, kind: "manifests" | "blobs", digest: string): Promise<string> {
  const answer = await service.request(storedPath(name, `${kind}/${digest}`), { headers: { accept: "*/*" } });
  return answer.text();
}

/** Builds the registry path of a resource of a repository. @param name the displayed name */
export function storedPath(name: string, resource: string): string {
  return distributionPath(readRepository(name), resource);
}

/**
 * Returns a command that loads an image into docker. An image named after another registry is loaded as an archive,
 * because docker would pull it from there.
 */
export function pullCommand(name: string, reference: string): string {
  const repository = readRepository(name);
  const separator = reference.includes(":") ? "@" : ":";
  if (splitForeignName(repository) === undefined) {
    return `docker pull ${location.host}/${repository}${separator}${reference}`;
  }
  return `curl -sSL ${location.origin}${imagePath({ name, reference }, "/archive")} | docker load`;
}

/**
 * Returns a `docker run` command for an image of this server; undefined for an image named after another registry.
 * @param ports ports of the config, such as `80/tcp`. Each is published under the same number; a privileged one under
 * its number plus 8000.
 */
export function runCommand(name: string, reference: string, ports: readonly string[]): string | undefined {
  const repository = readRepository(name);
  if (splitForeignName(repository) !== undefined) return undefined;
  const separator = reference.includes(":") ? "@" : ":";
  const published = ports.map((port) => {
    const [number = "", protocol = "tcp"] = port.split("/");
    const outside = Number(number) < 1024 ? Number(number) + 8000 : Number(number);
    return `-p ${outside}:${number}${protocol === "tcp" ? "" : `/${protocol}`} `;
  });
  return `docker run --rm ${published.join("")}${location.host}/${repository}${separator}${reference}`;
}
