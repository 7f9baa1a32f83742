import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { exactly } from "../../store/exactly.ts";
import {
  type ByteRange,
  DigestMismatchError,
  type ObjectStore,
  type ObjectWriter,
  type PutOptions,
} from "../../store/object-store.ts";
import { SizeMismatchError } from "../../streams/verify.ts";
import { type Contents, ObjectIndex } from "./object-index.ts";

/** Bytes of an object that still lies in the index: opening a file costs more than reading so much. */
const INDEXED_SIZE = 64 * 1024;
/** Bytes that are written, and read, at once. */
const STEP = 1024 * 1024;

export interface DiskStore extends ObjectStore {
  /** As `get`, as a stream of Node. */
  read(key: string, range?: ByteRange): Promise<Readable | undefined>;
  close(): void;
}

/**
 * Objects in a folder of this machine, which is made when it is not there. Large ones are files, small ones rows of the
 * index, which alone says what there is: a file that it does not name never became an object. Files are not synced: what
 * was put survives the end of the process, and what was put in the last seconds may not survive the machine's.
 */
export function diskStore(folder: string): DiskStore {
  const files = join(folder, "files");
  const incoming = join(folder, "incoming");
  rmSync(incoming, { recursive: true, force: true });
  for (const path of [files, incoming]) mkdirSync(path, { recursive: true });
  const index = new ObjectIndex(join(folder, "index.sqlite"));

  const remove = async (names: readonly (string | undefined)[]) => {
    for (const name of names) if (name !== undefined) await rm(join(files, name), { force: true });
  };

  /** Makes what was received an object; false when the key is taken and `ifAbsent` says so. */
  const keep = async (key: string, received: Received, options: PutOptions): Promise<boolean> => {
    const contents: Contents = received.file
      ? { file: await received.file.moveTo(files) }
      : { bytes: received.bytes };
    const { size } = received;
    const object = { key, size, metadata: options.metadata ?? {}, uploaded: Date.now(), contents };
    if (!options.ifAbsent) {
      await remove([index.replace(object)]);
      return true;
    }
    const isFirst = index.insert(object);
    if (!isFirst && "file" in contents) await remove([contents.file]);
    return isFirst;
  };

  const receiver = (options: PutOptions = {}) => new Receiver(incoming, options);

  return {
    async head(key) {
      const object = index.find(key);
      return object && { key, size: object.size, metadata: object.metadata, uploaded: object.uploaded };
    },

    async get(key, range) {
      const source = await read(key, range);
      return source && (Readable.toWeb(source) as unknown as ReadableStream<Uint8Array>);
    },

    async getBytes(key, range) {
      const source = await read(key, range);
      return source && new Uint8Array(Buffer.concat(await source.toArray()));
    },

    async put(key, body, size, options = {}) {
      if (options.ifAbsent && index.find(key) !== undefined) return false;
      if (body instanceof Uint8Array && body.length !== size) {
        throw new SizeMismatchError(key, size, body.length);
      }
      const incoming = receiver(options);
      try {
        for await (const chunk of body instanceof Uint8Array ? [body] : exactly(body, size, key)) {
          await incoming.write(chunk);
        }
        return await keep(key, await incoming.end(key), options);
      } catch (error) {
        await incoming.abort();
        throw error;
      }
    },

    async create(key, options = {}) {
      const incoming = receiver();
      let isOver = false;
      const requireOpen = (action: string) => {
        if (isOver) throw new Error(`Cannot ${action} "${key}": it is complete or dropped`);
      };
      return {
        async write(bytes) {
          requireOpen("write to");
          await incoming.write(bytes);
        },
        async complete() {
          requireOpen("complete");
          isOver = true;
          await keep(key, await incoming.end(key), options);
        },
        async abort() {
          if (isOver) return;
          isOver = true;
          await incoming.abort();
        },
      } satisfies ObjectWriter;
    },

    async delete(...keys) {
      await remove(index.remove(keys));
    },

    async *list(prefix, after = "") {
      for (let last = after; ; ) {
        const page = index.list(prefix, last, 1000);
        yield* page;
        if (page.length < 1000) return;
        last = page.at(-1)?.key ?? last;
      }
    },

    read,
    close: () => index.close(),
  };

  async function read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    // A file that is gone after the index named it was replaced or deleted meanwhile.
    for (let tries = 0; tries < 3; tries += 1) {
      const object = index.find(key);
      if (object === undefined) return undefined;
      const { size, contents } = object;
      const { offset, length = size } = range ?? { offset: 0 };
      if (range !== undefined && offset >= size) {
        throw new RangeError(`Cannot read "${key}" from byte ${offset}: it has ${size} bytes`);
      }
      const end = Math.min(offset + length, size);
      if ("bytes" in contents)
        return Readable.from([contents.bytes.subarray(offset, end)], { objectMode: false });
      try {
        const file = await open(join(files, contents.file));
        return file.createReadStream({ start: offset, end: end - 1, highWaterMark: STEP });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    throw new Error(`Cannot read "${key}": its file is not there`);
  }
}

interface Received {
  size: number;
  /** Contents that were too many to hold. */
  file?: { moveTo(folder: string): Promise<string> };
  bytes: Uint8Array;
}

/** Takes the bytes of one object, holds them as long as they are few, and verifies them. */
class Receiver {
  readonly #folder: string;
  readonly #expected: [algorithm: "sha256" | "sha512", hex: string][];
  readonly #hashes;
  readonly #name = randomUUID();
  #file: FileHandle | undefined;
  #held: Uint8Array[] = [];
  #heldSize = 0;
  #size = 0;

  constructor(folder: string, { sha256, sha512 }: PutOptions) {
    this.#folder = folder;
    this.#expected = [];
    if (sha256 !== undefined) this.#expected.push(["sha256", sha256]);
    if (sha512 !== undefined) this.#expected.push(["sha512", sha512]);
    this.#hashes = this.#expected.map(([algorithm]) => createHash(algorithm));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const hash of this.#hashes) hash.update(bytes);
    this.#held.push(bytes);
    this.#heldSize += bytes.length;
    this.#size += bytes.length;
    if (this.#heldSize >= STEP) await this.#flush();
  }

  async end(key: string): Promise<Received> {
    for (const [i, [algorithm, expected]] of this.#expected.entries()) {
      const actual = this.#hashes[i]?.digest("hex");
      if (actual !== expected) {
        throw new DigestMismatchError(`Cannot store "${key}": its bytes have digest ${algorithm}:${actual}`);
      }
    }
    if (this.#size <= INDEXED_SIZE) return { size: this.#size, bytes: Buffer.concat(this.#held) };
    await this.#flush();
    await this.#file?.close();
    const path = join(this.#folder, this.#name);
    const moveTo = async (folder: string) => {
      await rename(path, join(folder, this.#name));
      return this.#name;
    };
    return { size: this.#size, bytes: new Uint8Array(), file: { moveTo } };
  }

  async abort(): Promise<void> {
    await this.#file?.close().catch(() => {});
    await rm(join(this.#folder, this.#name), { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#heldSize === 0) return;
    this.#file ??= await open(join(this.#folder, this.#name), "wx", 0o600);
    const [held, size] = [this.#held, this.#heldSize];
    this.#held = [];
    this.#heldSize = 0;
    const { bytesWritten } = await this.#file.writev(held);
    // The disk may take a part only; what is left is then written as one.
    if (bytesWritten < size) await this.#file.writeFile(Buffer.concat(held).subarray(bytesWritten));
  }
}
