import { type ChunkPlace, spoolKey } from "../layers/spool.ts";
import { blobKey } from "../oci/content-key.ts";
import { isDigest } from "../oci/digest.ts";
import { MAX_DOCUMENT } from "../oci/document.ts";
import { RegistryError } from "../registry/errors.ts";
import { storeBlob } from "../registry/store/store-blob.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { chunks } from "../streams/chunks.ts";
import { collect } from "../streams/collect.ts";
import { Digester, sha256 } from "../streams/sha256.ts";
import { singleChunk } from "../streams/single-chunk.ts";
import { pathInRoot } from "../tar/path.ts";
import { readTar, type TarMember } from "../tar/read.ts";
import { ImageError } from "./image-error.ts";

/** A file of an archive. */
export interface ArchiveFile {
  digest: string;
  size: number;
  /** Where its bytes are; undefined in memory. */
  places: readonly ChunkPlace[] | undefined;
  read(): Promise<AsyncIterable<Uint8Array>>;
}

/** A file whose bytes are in memory, or in an object. */
interface BufferedFile {
  digest: string;
  size: number;
  at: Uint8Array | string;
}

/** The files of an archive by path, as plain data. */
export interface ReceivedFiles {
  files: Map<string, BufferedFile>;
  /** Targets of links. */
  links: Map<string, string>;
  /** Keys of temporary objects. */
  spooled: string[];
}

/** Limits of an archive of images. */
const LIMITS = { escapes: "refuse", maxEntries: 20_000, maxBytes: 64 * 2 ** 30 } as const;
/** Maximum number of files that are not stored as blobs. Except for small ones, each is a temporary object. */
const MAX_SPOOLED = 2048;
/** Bytes of small files buffered in memory. */
const MAX_BUFFERED = 8 * 1024 * 1024;
/** Maximum number of links in a path, as in Linux. */
const MAX_LINKS = 40;
const BLOB = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/;

/**
 * Receives the files of an archive by path. A file named by its digest is verified and stored as a blob at once; the
 * others are buffered in temporary objects.
 */
export class ArchiveFiles {
  readonly #store: ObjectStore;
  readonly #received: ReceivedFiles;
  #kept = 0;

  constructor(
    store: ObjectStore,
    received: ReceivedFiles = { files: new Map(), links: new Map(), spooled: [] },
  ) {
    this.#store = store;
    this.#received = received;
  }

  get received(): ReceivedFiles {
    return this.#received;
  }

  /** @throws {TarError | ImageError} `archive-invalid` */
  async receive(tar: AsyncIterable<Uint8Array>): Promise<void> {
    const { files, links } = this.#received;
    for await (const member of readTar(tar, LIMITS)) {
      const { path, type, linkname } = member.entry;
      files.delete(path);
      links.delete(path);
      if (type === "file") files.set(path, await this.#receiveFile(member));
      else if (type === "symlink") links.set(path, resolveLink(path, linkname ?? ""));
      else if (type === "hardlink") links.set(path, linkname ?? "");
    }
  }

  /** The file at a path, following links; undefined when there is none. */
  find(path: string): ArchiveFile | undefined {
    let at = pathInRoot(path);
    for (let links = 0; links < MAX_LINKS; links++) {
      const next = this.#received.links.get(at);
      if (next === undefined) return this.#opened(this.#received.files.get(at));
      at = next;
    }
    return undefined;
  }

  /** Reads a document. @throws {ImageError} `archive-invalid` when it is missing or too large */
  async readDocument(path: string): Promise<Uint8Array> {
    const file = this.find(path);
    if (file === undefined) throw invalid(`it has no "${path}"`);
    if (file.size > MAX_DOCUMENT) throw invalid(`"${path}" has ${file.size} bytes`);
    return collect(await file.read(), MAX_DOCUMENT);
  }

  /** Deletes the temporary objects. Stored blobs remain; those of a rejected archive have no references. */
  async drop(): Promise<void> {
    await this.#store.delete(...this.#received.spooled);
  }

  #opened(file: BufferedFile | undefined): ArchiveFile | undefined {
    if (file === undefined) return undefined;
    const { digest, size, at } = file;
    if (typeof at !== "string") return { digest, size, places: undefined, read: async () => singleChunk(at) };
    const places = [{ key: at, offset: 0, length: size }];
    return { digest, size, places, read: () => this.#open(at) };
  }

  async #receiveFile(member: TarMember): Promise<BufferedFile> {
    const { path, size } = member.entry;
    const [, algorithm, encoded] = BLOB.exec(path) ?? [];
    const digest = `${algorithm}:${encoded}`;
    if (algorithm !== undefined && isDigest(digest)) return this.#receiveBlob(member, digest);
    if (member.bytes !== undefined && this.#kept + size <= MAX_BUFFERED) {
      this.#kept += size;
      const bytes = member.bytes.slice();
      return { digest: sha256(bytes), size, at: bytes };
    }
    return this.#spool(member);
  }

  async #receiveBlob({ entry, body }: TarMember, digest: string): Promise<BufferedFile> {
    try {
      await storeBlob(this.#store, digest, body, entry.size);
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      throw invalid(`"${entry.path}": ${cause.message}`, cause);
    }
    return { digest, size: entry.size, at: blobKey(digest) };
  }

  async #spool({ entry, body }: TarMember): Promise<BufferedFile> {
    const { spooled } = this.#received;
    if (spooled.length === MAX_SPOOLED) throw invalid(`it has more than ${MAX_SPOOLED} files`);
    const key = spoolKey();
    const writer = await this.#store.create(key);
    const digester = new Digester();
    try {
      for await (const chunk of body) {
        digester.update(chunk);
        await writer.write(chunk);
      }
      await writer.complete();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    spooled.push(key);
    return { digest: digester.digest(), size: entry.size, at: key };
  }

  async #open(key: string): Promise<AsyncIterable<Uint8Array>> {
    const stream = await this.#store.get(key);
    if (stream === undefined) throw new Error(`Cannot read "${key}": it was deleted`);
    return chunks(stream);
  }
}

/** @param why for example `it has no "index.json"` */
export function invalid(why: string, cause?: unknown): ImageError {
  return invalidArchive(`Cannot load the archive: ${why}`, cause);
}

/** Likewise, with the whole message. */
export function invalidArchive(message: string, cause?: unknown): ImageError {
  return new ImageError("archive-invalid", message, {
    cause,
    hint: "Send a tar written by docker save, skopeo or buildx: a docker archive or an OCI layout.",
  });
}

/** Resolves the target of a symbolic link. */
function resolveLink(path: string, target: string): string {
  if (target.startsWith("/")) return pathInRoot(target);
  return pathInRoot(`${path.slice(0, path.lastIndexOf("/") + 1)}${target}`);
}
