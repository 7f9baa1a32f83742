import type {
  Comparison,
  Efficiency,
  FileEntry,
  ImageInspection,
  ImageList,
  ImageSummary,
} from "../../../schemas/images.ts";
import { distributionPath, foreignName, readRepository } from "../../registry/names.ts";
import { chunks } from "../../streams/chunks.ts";
import { lineBatches } from "../../streams/lines.ts";
import { service } from "../service.ts";

/** An image as the page names it: a repository, a tag or digest, and a platform where there are several. */
export interface ImageAt {
  name: string;
  reference: string;
  platform?: string | undefined;
}

/** Path of an image in the server's interface, and below it. */
export function imagePath(
  { name, reference, platform }: ImageAt,
  rest = "",
  asked: Record<string, string> = {},
) {
  const query = new URLSearchParams({ ...(platform !== undefined && { platform }), ...asked });
  const path = `/v1/images/${name.split("/").map(encodeURIComponent).join("/")}/${encodeURIComponent(reference)}${rest}`;
  return query.size === 0 ? path : `${path}?${query}`;
}

/** All images that may be seen. */
export function allImages(): Promise<ImageSummary[]> {
  return listImages({});
}

/** The tagged images of one repository. */
export function imagesOf(name: string): Promise<ImageSummary[]> {
  return listImages({ name });
}

async function listImages(asked: Record<string, string>): Promise<ImageSummary[]> {
  const images: ImageSummary[] = [];
  for (let last: string | undefined; ; ) {
    const query = new URLSearchParams({ ...asked, n: "1000", ...(last !== undefined && { last }) });
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

/** What is different in the second image. */
export function compare(before: ImageAt, after: ImageAt): Promise<Comparison> {
  const other = before.name === after.name ? after.reference : `${after.name}/${after.reference}`;
  return service.ask(imagePath(before, `/compare/${other.split("/").map(encodeURIComponent).join("/")}`));
}

/** Takes a tag away; its manifest stays. */
export function untag({ name, reference }: ImageAt): Promise<unknown> {
  return service.ask(imagePath({ name, reference }), { method: "DELETE" });
}

/**
 * All entries of the merged tree, or of one layer, in path order, a batch at a time as they arrive.
 * @param layer position of the layer
 */
export async function* files(
  image: ImageAt,
  layer: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<FileEntry[]> {
  const asked = { recursive: "1", ...(layer !== undefined && { layer: String(layer) }) };
  const answer = await service.request(imagePath(image, "/files", asked), { signal });
  if (answer.body === null) return;
  for await (const lines of lineBatches(chunks(answer.body), 4 * 1024 * 1024)) {
    yield lines.filter((line) => line !== "").map((line) => JSON.parse(line) as FileEntry);
  }
}

/** The address of a file's bytes. */
export function contentPath(image: ImageAt, path: string): string {
  return imagePath(image, "/files", { path, content: "1" });
}

/** A manifest or config as it is stored. */
export async function document(name: string, kind: "manifests" | "blobs", digest: string): Promise<string> {
  const answer = await service.request(storedPath(name, `${kind}/${digest}`), { headers: { accept: "*/*" } });
  return answer.text();
}

/** The address of what a repository has. @param name as it is shown */
export function storedPath(name: string, resource: string): string {
  return distributionPath(readRepository(name), resource);
}

/** A command that brings an image to docker. One with the name of another registry is not pulled from here. */
export function pullCommand(name: string, reference: string): string {
  const repository = readRepository(name);
  const separator = reference.includes(":") ? "@" : ":";
  if (foreignName(repository) === undefined) {
    return `docker pull ${location.host}/${repository}${separator}${reference}`;
  }
  return `curl -sSL ${location.origin}${imagePath({ name, reference }, "/archive")} | docker load`;
}

/**
 * A command that runs an image of this server with docker; undefined for an image of another registry.
 * @param ports as the config writes them, `80/tcp`; each is published under the same number, or 8000 above it when it
 * is privileged
 */
export function runCommand(name: string, reference: string, ports: readonly string[]): string | undefined {
  const repository = readRepository(name);
  if (foreignName(repository) !== undefined) return undefined;
  const separator = reference.includes(":") ? "@" : ":";
  const published = ports.map((port) => {
    const [number = "", protocol = "tcp"] = port.split("/");
    const outside = Number(number) < 1024 ? Number(number) + 8000 : Number(number);
    return `-p ${outside}:${number}${protocol === "tcp" ? "" : `/${protocol}`} `;
  });
  return `docker run --rm ${published.join("")}${location.host}/${repository}${separator}${reference}`;
}
