import { blobKey } from "../oci/content-key.ts";
import { requireDigest } from "../oci/digest.ts";
import { exactly } from "../store/exactly.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { ByteReader } from "../streams/byte-reader.ts";
import { chunks } from "../streams/chunks.ts";
import { formatReceived } from "./chunk-range.ts";
import { brokenOff, RegistryError } from "./errors.ts";
import { asRegistryError, composeBlob, MAX_BLOB, requireBlobSize, storeBlob } from "./store-blob.ts";

/** Bytes that a client sends. */
export interface Incoming {
  source: AsyncIterable<Uint8Array>;
  /** The same bytes as they come, for a store that takes them unread: one of the two is used. */
  stream?: ReadableStream<Uint8Array>;
  /** Undefined when the client does not know: docker sends layers so. */
  size?: number;
}

interface Part {
  key: string;
  offset: number;
  size: number;
}

/** Bytes of a part whose length is not known before: it is held in memory, and so is the next. */
const HELD_PART = 4 * 1024 * 1024;
/** Bytes of a part that passes through. What of it has come is lost when the connection breaks. */
const STREAMED_PART = 32 * 1024 * 1024;
/** Bounds what the smallest chunks can do. */
const MAX_PARTS = 10_000;

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where uploads lie; one that was left alone for long can go. */
const PREFIX = "uploads/";

/**
 * A blob that comes in pieces, in requests that may reach different instances. Nothing of it is ever changed: a
 * part is an object named by its offset that is only made when there is none, so of two chunks that start at the
 * same place the store takes one, and the parts listed are the state. Its digest is told at the end; then the
 * parts are read once more, into the blob, or become it as they are where the store can do that.
 */
export class Upload {
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

  /** @throws RegistryError `BLOB_UPLOAD_UNKNOWN` when there is no such upload in the repository */
  static async open(store: ObjectStore, repository: string, id: string): Promise<Upload> {
    const upload = new Upload(store, repository, id, []);
    if (!ID.test(id)) throw upload.#unknown();
    await upload.#load();
    return upload;
  }

  /** Bytes that have come. */
  get size(): number {
    const last = this.#parts.at(-1);
    return last === undefined ? 0 : last.offset + last.size;
  }

  /** Where the client finds this upload, and how much of it there is. */
  get headers(): Record<string, string> {
    return {
      Location: `/v2/${this.#repository}/blobs/uploads/${this.id}`,
      Range: formatReceived(this.size),
      "Docker-Upload-UUID": this.id,
    };
  }

  /** @throws RegistryError `CHUNK_OUT_OF_ORDER` when what has come does not end at `offset` */
  requireOffset(offset: number): void {
    if (offset !== this.size) throw this.#outOfOrder();
  }

  /**
   * Adds bytes to what has come. What was stored before a failure stays, and the client may go on from there.
   *
   * @throws RegistryError `CHUNK_OUT_OF_ORDER`, `SIZE_INVALID`, `BLOB_TOO_LARGE`, `BLOB_UPLOAD_UNKNOWN`
   */
  async append(incoming: Incoming): Promise<void> {
    const { stream, size } = incoming;
    if (this.#isReceived(incoming) && stream !== undefined) await this.#receive(stream, size);
    else await this.#appendRead(incoming);
    // It may have been ended meanwhile, and then nobody would ever look at these parts.
    const session = await this.#store.head(this.#key("session"));
    if (session !== undefined) return;
    await this.cancel();
    throw this.#unknown();
  }

  /**
   * Makes what has come, and what comes now, a blob. The upload is gone afterwards, and also when the bytes are
   * not those of the digest.
   *
   * @throws RegistryError `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
   */
  async finish(digest: string, last?: Incoming): Promise<void> {
    if (last !== undefined && (await this.#isStored(digest, last))) {
      await this.cancel();
      return;
    }
    const isPart =
      last !== undefined && (last.size === undefined || this.#isComposed || this.#isReceived(last));
    if (isPart) await this.#appendLast(last);
    const rest = isPart || last?.size === undefined ? undefined : { source: last.source, size: last.size };
    try {
      if (this.#isComposed && rest === undefined) await this.#compose(digest);
      else await storeBlob(this.#store, digest, this.#bytes(rest?.source), this.size + (rest?.size ?? 0));
    } catch (error) {
      if (error instanceof RegistryError && error.fault === "DIGEST_INVALID") await this.cancel();
      throw error;
    }
    await this.cancel();
  }

  /**
   * Whether the bytes of a whole blob are stored already. They are hashed all the same: a digest is no secret, so a client
   * that names one must have its bytes.
   * @throws RegistryError `DIGEST_INVALID`, after which the upload is gone
   */
  async #isStored(digest: string, { stream, size }: Incoming): Promise<boolean> {
    const { algorithm, encoded } = requireDigest(digest);
    if (this.#parts.length > 0 || stream === undefined || size === undefined) return false;
    if (this.#store.digestOf === undefined || algorithm !== "sha256") return false;
    if ((await this.#store.head(blobKey(digest)))?.size !== size) return false;
    const sent = await this.#store.digestOf(stream);
    if (sent.size < size) throw brokenOff();
    if (sent.sha256 === encoded) return true;
    await this.cancel();
    throw new RegistryError("DIGEST_INVALID", "the blob has another digest", { digest });
  }

  /** As `append`. Of a last chunk that broke off nothing is kept: clients send it again from its start. */
  async #appendLast(last: Incoming): Promise<void> {
    const before = this.#parts.length;
    try {
      await this.append(last);
    } catch (error) {
      if (last.size !== undefined)
        await this.#store.delete(...this.#parts.splice(before).map(({ key }) => key));
      throw error;
    }
  }

  /** Removes all of it. */
  async cancel(): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(this.#key(""))) keys.push(key);
    await this.#store.delete(...keys);
    this.#parts = [];
  }

  /** The parts that came can become the blob as they are. */
  get #isComposed(): boolean {
    return this.#store.compose !== undefined && this.#parts.length > 0;
  }

  async #compose(digest: string): Promise<void> {
    const parts = this.#parts.map(({ key }) => key);
    const isStored = await composeBlob(this.#store, digest, parts, this.size);
    if (isStored === undefined) throw this.#unknown();
  }

  async #load(): Promise<void> {
    const parts: Part[] = [];
    let isHere = false;
    for await (const { key, size, metadata } of this.#store.list(this.#key(""))) {
      const name = key.slice(this.#key("").length);
      if (name === "session") isHere = metadata.repository === this.#repository;
      else parts.push({ key, offset: Number(name), size });
    }
    if (!isHere) throw this.#unknown();
    this.#parts = parts;
  }

  async #appendRead({ source, size }: Incoming): Promise<void> {
    const reader = new ByteReader(size === undefined ? source : exactly(source, size, this.id));
    try {
      if (size === undefined) await this.#appendHeld(reader);
      else await this.#appendStreamed(reader, size);
    } catch (error) {
      throw asRegistryError(error, this.id);
    } finally {
      await reader.close();
    }
  }

  /** The store takes the bytes as they come. */
  #isReceived({ stream }: Incoming): boolean {
    return stream !== undefined && this.#store.receive !== undefined;
  }

  /** All that comes is one part, also when the body breaks off. */
  async #receive(stream: ReadableStream<Uint8Array>, promised?: number): Promise<void> {
    if (promised !== undefined) requireBlobSize(this.size + promised);
    const [offset, key] = [this.size, this.#nextKey()];
    let size: number | undefined;
    try {
      size = await this.#store.receive?.(key, stream, promised ?? MAX_BLOB - offset);
    } catch (error) {
      if (!(error instanceof RangeError)) throw asRegistryError(error, this.id);
      if (promised === undefined) requireBlobSize(MAX_BLOB + 1);
      throw new RegistryError("SIZE_INVALID", "the body is longer than its stated length", { id: this.id });
    }
    if (size === undefined) throw await this.#taken();
    if (size > 0) this.#parts.push({ key, offset, size });
    if (promised !== undefined && size < promised) throw brokenOff();
  }

  async #appendStreamed(reader: ByteReader, size: number): Promise<void> {
    requireBlobSize(this.size + size);
    for (let left = size; left > 0; ) {
      const length = Math.min(left, STREAMED_PART);
      await this.#put(reader.stream(length), this.size, length);
      left -= length;
    }
  }

  /** One part is on its way while the next comes in. */
  async #appendHeld(reader: ByteReader): Promise<void> {
    let sending: Promise<void> = Promise.resolve();
    try {
      for (let offset = this.size; ; ) {
        const bytes = await reader.read(HELD_PART);
        await sending;
        if (bytes.length === 0) return;
        requireBlobSize(offset + bytes.length);
        sending = this.#put(bytes, offset, bytes.length);
        // Thrown where it is awaited.
        sending.catch(() => {});
        offset += bytes.length;
      }
    } finally {
      // A part that came whole stays when the connection breaks after it.
      await sending.catch(() => {});
    }
  }

  async #put(body: Uint8Array | AsyncIterable<Uint8Array>, offset: number, size: number): Promise<void> {
    const key = this.#nextKey(offset);
    if (!(await this.#store.put(key, body, size, { ifAbsent: true }))) throw await this.#taken();
    this.#parts.push({ key, offset, size });
  }

  /** Of a part that starts there. @throws RegistryError `BLOB_TOO_LARGE` */
  #nextKey(offset = this.size): string {
    if (this.#parts.length >= MAX_PARTS) {
      throw new RegistryError("BLOB_TOO_LARGE", `an upload may have ${MAX_PARTS} chunks`, { id: this.id });
    }
    return this.#key(String(offset).padStart(16, "0"));
  }

  async *#bytes(rest?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { key } of this.#parts) {
      const stream = await this.#store.get(key);
      if (stream === undefined) throw this.#unknown();
      yield* chunks(stream);
    }
    if (rest !== undefined) yield* rest;
  }

  /** Somebody else's part starts there. */
  async #taken(): Promise<RegistryError> {
    await this.#load();
    return this.#outOfOrder();
  }

  #outOfOrder(): RegistryError {
    return new RegistryError(
      "CHUNK_OUT_OF_ORDER",
      `the next chunk starts at ${this.size}`,
      { id: this.id },
      this.headers,
    );
  }

  #unknown(): RegistryError {
    const detail = { name: this.#repository, id: this.id };
    return new RegistryError("BLOB_UPLOAD_UNKNOWN", "no such upload in this repository", detail);
  }

  #key(item: string): string {
    return `${PREFIX}${this.id}/${item}`;
  }
}
