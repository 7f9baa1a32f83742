import type {
  FileEntry,
  ImageHistory,
  ImageInspection,
  ImageList,
  ImageSummary,
  LoadResult,
  TagResult,
  UntagResult,
} from "../../schemas/images.ts";
import { chunks } from "../streams/chunks.ts";
import { lineBatches } from "../streams/lines.ts";
import type { Service } from "./service.ts";

/** An image of the server: repository, and tag or digest. */
export interface ImageAddress {
  name: string;
  reference: string;
}

interface ArchiveOptions {
  /** `docker`: for `docker load`. */
  format: "docker" | "oci";
  /** One platform for `docker`, a comma-separated list for `oci`. */
  platform?: string | undefined;
  /** Names of the image in the archive. Default: its name at the server. */
  names?: readonly string[];
  /** Annotations of a build. Those of descriptors are written into the index of an OCI layout. */
  annotations?: Readonly<Record<string, string>> | undefined;
}

/** The images of a varve server, through `/v1/images`. */
export class Images {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /**
   * @param name only this repository
   * @param untagged also manifests without a tag; needs `name`
   */
  async *list({
    name,
    untagged = false,
  }: {
    name?: string | undefined;
    untagged?: boolean | undefined;
  } = {}): AsyncGenerator<ImageSummary> {
    let last: string | undefined;
    do {
      const query = queryOf({ name, untagged: untagged ? "1" : undefined, last, n: "1000" });
      const page = await this.#service.ask<ImageList>(`/v1/images${query}`);
      yield* page.images;
      last = page.next;
    } while (last !== undefined);
  }

  inspect(image: ImageAddress, platform?: string): Promise<ImageInspection> {
    return this.#service.ask(`${pathOf(image)}${queryOf({ platform })}`);
  }

  history(image: ImageAddress, platform?: string): Promise<ImageHistory> {
    return this.#service.ask(`${pathOf(image)}/history${queryOf({ platform })}`);
  }

  /** Everything in the merged file system. */
  async *files(image: ImageAddress, platform?: string): AsyncGenerator<FileEntry> {
    const path = `${pathOf(image)}/files${queryOf({ platform, recursive: "1" })}`;
    const { body } = await this.#service.request(path, { headers: { accept: "application/x-ndjson" } });
    if (body === null) return;
    for await (const lines of lineBatches(chunks(body as ReadableStream<Uint8Array>, 1))) {
      for (const line of lines) yield JSON.parse(line) as FileEntry;
    }
  }

  /** The bytes of one file. */
  content(image: ImageAddress, path: string, platform?: string): Promise<Response> {
    return this.#service.request(`${pathOf(image)}/files${queryOf({ platform, path, content: "1" })}`);
  }

  /** Adds names to an image. */
  tag(image: ImageAddress, names: readonly string[]): Promise<TagResult> {
    const query = new URLSearchParams(names.map((name) => ["t", name]));
    return this.#service.ask(`${pathOf(image)}/tags?${query}`, { method: "POST" });
  }

  /** Removes a tag, or a digest with all its tags. */
  remove(image: ImageAddress): Promise<UntagResult> {
    return this.#service.ask(pathOf(image), { method: "DELETE" });
  }

  archive(
    image: ImageAddress,
    { format, platform, names = [], annotations = {} }: ArchiveOptions,
  ): Promise<Response> {
    const described = Object.entries(annotations).filter(([key]) => /^[^:]*-descriptor\b/.test(key));
    const query = new URLSearchParams([
      ["format", format],
      ...names.map((name) => ["t", name]),
      ...described.map(([key, value]) => ["annotation", `${key}=${value}`]),
    ]);
    if (platform !== undefined) query.set("platform", platform);
    return this.#service.request(`${pathOf(image)}/archive?${query}`);
  }

  /** Several images in one archive. @param images as `name:tag` or `name@digest` */
  archiveOf(images: readonly string[], { format, platform }: ArchiveOptions): Promise<Response> {
    const query = new URLSearchParams([["format", format], ...images.map((image) => ["image", image])]);
    if (platform !== undefined) query.set("platform", platform);
    return this.#service.request(`/v1/images/archive?${query}`);
  }

  /** Loads an archive of `docker save` or an OCI layout. */
  async load(archive: ReadableStream<Uint8Array>, names: readonly string[]): Promise<LoadResult> {
    const query = new URLSearchParams(names.map((name) => ["t", name]));
    const request = { method: "POST", headers: { "content-type": "application/x-tar" }, body: archive };
    const answer = await this.#service.requestOnce(`/v1/images/load?${query}`, request);
    return (await answer.json()) as LoadResult;
  }
}

function pathOf({ name, reference }: ImageAddress): string {
  return `/v1/images/${name}/${reference}`;
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, value);
  return query.size === 0 ? "" : `?${query}`;
}
