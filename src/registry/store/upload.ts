import type { ChunkPlace } from "../../layers/spool.ts";
import { blobKey } from "../../oci/content-key.ts";
import { requireDigest } from "../../oci/digest.ts";
import { exactly } from "../../store/exactly.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { ByteReader } from "../../streams/byte-reader.ts";
import { chunks } from "../../streams/chunks.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { RegistryError } from "../errors.ts";
import type { BlobUpload, IncomingBlob } from "../registry.ts";
import { Blobs } from "./blobs.ts";
import { uploadKey } from "./open-uploads.ts";
import { asRegistryError, composeBlob, MAX_BLOB, requireBlobSize, storeBlob } from "./store-blob.ts";

interface Part {
  key: string;
  offset: number;
  size: number;
}

/** Size in bytes of the parts of a body of unknown length. One is stored while the next one arrives, if memory is free for both. */
const BUFFERED_PART = 4 * 1024 * 1024;
/** Their size without free memory, one at a time. The largest blob has fewer than `MAX_PARTS` of them. */
const SMALL_PART = 640 * 1024;
/**
 * Size in bytes of the parts of a body of known length: the amount that a store buffers to retry a refused PUT. An incomplete
 * part is lost when the connection ends.
 */
const STREAMED_PART = 8 * 1024 * 1024;
/** Maximum number of parts of an upload, against uploads in tiny chunks. */
const MAX_PARTS = 10_000;

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An upload session in the store. Its requests may reach different instances, so its state is the list of its parts, which are
 * immutable objects named by their offset: of two chunks at the same offset, the store accepts one. At the end, the store
 * joins the parts to the blob if it can; otherwise they are copied.
 */
export class Upload implements BlobUpload {
  readonly id: string;
  readonly #store: ObjectStore;
  readonly #repository: string;
  #parts: Part[];

  private constructor(store: ObjectStore, repository: string, id: string, parts: Part[]) {
    this.id = id;
    this.#store = store;
    this.#repository = repository;
    this.#parts = parts;
  }

  static async start(store: ObjectStore, repository: string): Promise<Upload> {
    const upload = new Upload(store, repository, crypto.randomUUID(), []);
    const metadata = { repository, started: new Date().toISOString() };
    await store.put(upload.#key("session"), new Uint8Array(), 0, { metadata });
    return upload;
  }

  /** @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN` when the repository has no such upload */
  static async open(store: ObjectStore, repository: string, id: string): Promise<Upload> {
    const upload = new Upload(store, repository, id, []);
    if (!ID.test(id)) throw upload.#unknown();
    await upload.#load();
    return upload;
  }

  get size(): number {
    const last = this.#parts.at(-1);
    return last === undefined ? 0 : last.offset + last.size;
  }

  async append(incoming: IncomingBlob): Promise<void> {
    const { stream, size } = incoming;
    if (this.#canReceive(incoming) && stream !== undefined) await this.#receive(stream, size);
    else await this.#appendParts(incoming);
    // If the upload was cancelled in the meantime, these parts would remain.
    const session = await this.#store.head(this.#key("session"));
    if (session !== undefined) return;
    await this.cancel();
    throw this.#unknown();
  }

  async finish(digest: string, last?: IncomingBlob): Promise<void> {
    if (last === undefined || !(await this.#isStored(digest, last))) await this.#storeBlob(digest, last);
    // The collector keeps everything of an open upload, so close the upload last.
    await new Blobs(this.#store).link(this.#repository, [digest]);
    await this.cancel();
  }

  async #storeBlob(digest: string, last: IncomingBlob | undefined): Promise<void> {
    const isPart =
      last !== undefined && (last.size === undefined || this.#canCompose || this.#canReceive(last));
    if (isPart) await this.#appendLast(last);
    const rest = isPart || last?.size === undefined ? undefined : { source: last.source, size: last.size };
    try {
      if (this.#canCompose && rest === undefined) await this.#compose(digest);
      else {
        // Stored parts can be read again, the body of a request cannot.
        const bytes = rest === undefined ? () => this.bytes() : this.bytes(rest.source);
        await storeBlob(this.#store, digest, bytes, this.size + (rest?.size ?? 0));
      }
    } catch (error) {
      if (error instanceof RegistryError && error.fault === "DIGEST_INVALID") await this.cancel();
      throw error;
    }
  }

  /**
   * Whether a whole blob is already stored. Verifies the received bytes anyway, because knowing a digest must not grant
   * access.
   * @throws {RegistryError} `DIGEST_INVALID`; the upload is then removed
   */
  async #isStored(digest: string, { stream, size }: IncomingBlob): Promise<boolean> {
    const { algorithm, encoded } = requireDigest(digest);
    if (this.#parts.length > 0 || stream === undefined || size === undefined) return false;
    if (this.#store.digestOf === undefined || algorithm !== "sha256") return false;
    if ((await this.#store.head(blobKey(digest)))?.size !== size) return false;
    const sent = await this.#store.digestOf(stream);
    if (sent.size < size) throw shorter(this.id);
    if (sent.sha256 === encoded) return true;
    await this.cancel();
    throw new RegistryError("DIGEST_INVALID", "the blob has another digest", { detail: { digest } });
  }

  /** Like `append`, but discards an incomplete last chunk: clients send it again from its start. */
  async #appendLast(last: IncomingBlob): Promise<void> {
    const before = this.#parts.length;
    try {
      await this.append(last);
    } catch (error) {
      if (last.size !== undefined)
        await this.#store.delete(...this.#parts.splice(before).map(({ key }) => key));
      throw error;
    }
  }

  async cancel(): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(this.#key(""))) keys.push(key);
    await this.#store.delete(...keys);
    this.#parts = [];
  }

  /** Whether the store can join the parts without copying. */
  get #canCompose(): boolean {
    return this.#store.compose !== undefined && this.#parts.length > 0;
  }

  async #compose(digest: string): Promise<void> {
    const parts = this.#parts.map(({ key }) => key);
    const isStored = await composeBlob(this.#store, digest, parts, this.size);
    if (isStored === undefined) throw this.#unknown();
  }

  async #load(): Promise<void> {
    const parts: Part[] = [];
    let isKnown = false;
    for await (const { key, size, metadata } of this.#store.list(this.#key(""))) {
      const name = key.slice(this.#key("").length);
      if (name === "session") isKnown = metadata.repository === this.#repository;
      else parts.push({ key, offset: Number(name), size });
    }
    if (!isKnown) throw this.#unknown();
    this.#parts = parts;
  }

  async #appendParts({ source, size }: IncomingBlob): Promise<void> {
    const reader = new ByteReader(size === undefined ? source : exactly(source, size, this.id));
    try {
      if (size === undefined) await this.#appendBuffered(reader);
      else await this.#appendStreamed(reader, size);
    } catch (error) {
      throw asRegistryError(error, this.id);
    } finally {
      await reader.close();
    }
  }

  /** Whether the store accepts the bytes as a stream. */
  #canReceive({ stream }: IncomingBlob): boolean {
    return stream !== undefined && this.#store.receive !== undefined;
  }

  /** Stores the received bytes as one part, even when the body ends early. */
  async #receive(stream: ReadableStream<Uint8Array>, promised?: number): Promise<void> {
    if (promised !== undefined) requireBlobSize(this.size + promised);
    const [offset, key] = [this.size, this.#nextKey()];
    let size: number | undefined;
    try {
      size = await this.#store.receive?.(key, stream, promised ?? MAX_BLOB - offset);
    } catch (error) {
      if (!(error instanceof RangeError)) throw asRegistryError(error, this.id);
      if (promised === undefined) requireBlobSize(MAX_BLOB + 1);
      throw new RegistryError("SIZE_INVALID", "the body is longer than its stated length", {
        detail: { id: this.id },
      });
    }
    if (size === undefined) throw await this.#offsetTaken();
    if (size > 0) this.#parts.push({ key, offset, size });
    if (promised !== undefined && size < promised) throw shorter(this.id);
  }

  async #appendStreamed(reader: ByteReader, size: number): Promise<void> {
    requireBlobSize(this.size + size);
    for (let left = size; left > 0; ) {
      const length = Math.min(left, STREAMED_PART);
      await this.#put(reader.stream(length), this.size, length);
      left -= length;
    }
  }

  async #appendBuffered(reader: ByteReader): Promise<void> {
    using memory = isolateMemory.lend();
    let isFree = false;
    let sending: Promise<void> = Promise.resolve();
    try {
      for (let offset = this.size; ; ) {
        isFree ||= memory.grow(2 * BUFFERED_PART);
        if (!isFree) await sending;
        const bytes = await reader.read(isFree ? BUFFERED_PART : SMALL_PART);
        await sending;
        if (bytes.length === 0) return;
        requireBlobSize(offset + bytes.length);
        sending = this.#put(bytes, offset, bytes.length);
        // The next `await sending` handles the rejection.
        sending.catch(() => {});
        offset += bytes.length;
      }
    } finally {
      // Keep a complete part when the connection ends after it.
      await sending.catch(() => {});
    }
  }

  async #put(body: Uint8Array | AsyncIterable<Uint8Array>, offset: number, size: number): Promise<void> {
    const key = this.#nextKey(offset);
    if (!(await this.#store.put(key, body, size, { ifAbsent: true }))) throw await this.#offsetTaken();
    this.#parts.push({ key, offset, size });
  }

  /** The key of a part at an offset. @throws {RegistryError} `BLOB_TOO_LARGE` */
  #nextKey(offset = this.size): string {
    if (this.#parts.length >= MAX_PARTS) {
      throw new RegistryError("BLOB_TOO_LARGE", `an upload may have at most ${MAX_PARTS} chunks`, {
        detail: { id: this.id },
      });
    }
    return this.#key(String(offset).padStart(16, "0"));
  }

  /** Where the received bytes are stored. */
  get places(): ChunkPlace[] {
    return this.#parts.map(({ key, size }) => ({ key, offset: 0, length: size }));
  }

  /** The received bytes, followed by `rest`. @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN` */
  async *bytes(rest?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { key } of this.#parts) {
      const stream = await this.#store.get(key);
      if (stream === undefined) throw this.#unknown();
      yield* chunks(stream);
    }
    if (rest !== undefined) yield* rest;
  }

  /** The error for an offset at which another part exists. */
  async #offsetTaken(): Promise<RegistryError> {
    await this.#load();
    return this.#outOfOrder();
  }

  #outOfOrder(): RegistryError {
    const detail = { id: this.id };
    return new RegistryError("CHUNK_OUT_OF_ORDER", `the next chunk starts at ${this.size}`, { detail });
  }

  #unknown(): RegistryError {
    const detail = { name: this.#repository, id: this.id };
    return new RegistryError("BLOB_UPLOAD_UNKNOWN", "no such upload in this repository", { detail });
  }

  #key(item: string): string {
    return uploadKey(this.id, item);
  }
}

function shorter(id: string): RegistryError {
  return new RegistryError("SIZE_INVALID", "the body is shorter than its stated length", { detail: { id } });
}
