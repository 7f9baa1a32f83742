import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { exactly } from "../../store/exactly.ts";
import {
  type ByteRange,
  type ObjectStore,
  type ObjectWriter,
  openBody,
  type PutOptions,
  StoreFullError,
} from "../../store/object-store.ts";
import { SizeMismatchError } from "../../streams/verify.ts";
import { asStoreFull, DiskSpace } from "./disk-space.ts";
import { FolderLock } from "./folder-lock.ts";
import { boundsOf, ObjectFiles } from "./object-files.ts";
import { type IndexedObject, type ObjectFile, ObjectIndex } from "./object-index.ts";
import { INDEXED_SIZE, Receiver } from "./receiver.ts";

/** The requested bytes, or the file that contains exactly them. */
type Located = { bytes: Readable; size: number } | { file: string; size: number };

interface DiskStoreOptions {
  /** Whether another thread has opened the folder. */
  isShared?: boolean;
}

export interface DiskStore extends ObjectStore {
  compose: NonNullable<ObjectStore["compose"]>;
  createHashed: NonNullable<ObjectStore["createHashed"]>;
  /**
   * Stores a body that this program receives.
   * @param expected announced size of the body in bytes
   */
  receive(
    key: string,
    body: AsyncIterable<Uint8Array>,
    max: number,
    expected?: number,
  ): Promise<number | undefined>;
  /** Whether the disk is too full for the databases beside the objects. */
  isFull(): boolean;
  /** Frees the reserve of space for a deletion, which writes and must work on a full disk. */
  makeRoom(): void;
  /** Restores the reserve when there is space. */
  keepReserve(): Promise<void>;
  /** Folder of the files. */
  readonly files: string;
  /** Like `get`, with the size: a Node stream, or the path when one file contains the whole object. */
  locate(key: string, range?: ByteRange): Promise<Located | undefined>;
  close(): void;
}

/**
 * Objects in a folder of this machine, which is created if missing. Large objects are files, small ones rows of the
 * index. Only the index decides which objects exist: a file without a row is not an object. Files are not synced: a
 * stored object survives the end of the process, but those of the last seconds may be lost when the machine crashes.
 * @throws {ObjectsInUseError} when another program uses the folder
 */
export function diskStore(folder: string, { isShared = false }: DiskStoreOptions = {}): DiskStore {
  const files = join(folder, "files");
  const incoming = join(folder, "incoming");
  mkdirSync(files, { recursive: true });
  // Lock before anything is removed.
  const lock = isShared ? undefined : new FolderLock(folder);
  const space = new DiskSpace(folder);
  // The database of the index writes when it is opened, and must be able to on a full disk.
  if (!isShared) space.release(false);
  const index = new ObjectIndex(join(folder, "index.sqlite"));
  if (!isShared) rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const objectFiles = new ObjectFiles(files);

  /** Turns received bytes into an object. Returns false when the key exists and `ifAbsent` is set. */
  const keep = async (key: string, receiver: Receiver, options: PutOptions): Promise<boolean> => {
    const contents = await receiver.end(key, files);
    const { size } = receiver;
    const object = { key, size, metadata: options.metadata ?? {}, uploaded: Date.now(), contents };
    try {
      if (!options.ifAbsent) {
        await objectFiles.remove(index.replace(object));
        return true;
      }
      const isFirst = index.insert(object);
      if (!isFirst && "files" in contents) await objectFiles.remove(contents.files);
      return isFirst;
    } catch (error) {
      if ("files" in contents) await objectFiles.remove(contents.files);
      throw error;
    }
  };

  /** Runs `work` and removes the received bytes when it fails. */
  const receiving = async <T>(receiver: Receiver, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await receiver.abort();
      throw asStoreFull(error);
    }
  };

  return {
    async head(key) {
      const object = index.find(key);
      return object && { key, size: object.size, metadata: object.metadata, uploaded: object.uploaded };
    },

    async get(key, range) {
      const found = await read(key, range);
      return found && (Readable.toWeb(found.bytes) as unknown as ReadableStream<Uint8Array>);
    },

    async getBytes(key, range) {
      return attempt(key, async (object) => {
        const [offset, end] = boundsOf(object, range);
        return objectFiles.readAll(object.contents, offset, end);
      });
    },

    async put(key, body, size, options = {}) {
      if (options.ifAbsent && index.find(key) !== undefined) return false;
      if (body instanceof Uint8Array && body.length !== size) {
        throw new SizeMismatchError(key, size, body.length);
      }
      const receiver = new Receiver(incoming, space, options);
      return receiving(receiver, async () => {
        await space.require(size, size <= INDEXED_SIZE);
        for await (const chunk of body instanceof Uint8Array ? [body] : exactly(openBody(body), size, key)) {
          await receiver.write(chunk);
        }
        return keep(key, receiver, options);
      });
    },

    async create(key, options = {}) {
      const receiver = new Receiver(incoming, space);
      let isOver = false;
      const requireOpen = (action: string) => {
        if (isOver) throw new Error(`Cannot ${action} "${key}": it is complete or dropped`);
      };
      return {
        async write(bytes) {
          requireOpen("write to");
          await receiving(receiver, () => receiver.write(bytes));
        },
        async complete() {
          requireOpen("complete");
          isOver = true;
          await receiving(receiver, () => keep(key, receiver, options));
        },
        async abort() {
          if (isOver) return;
          isOver = true;
          await receiver.abort();
        },
      } satisfies ObjectWriter;
    },

    async createHashed() {
      const receiver = new Receiver(incoming, space, {}, createHash("sha256"));
      return {
        write: (bytes) => receiving(receiver, () => receiver.write(bytes)),
        digest: () => receiver.sha256 as string,
        complete: async (key) =>
          void (await receiving(receiver, () => keep(key, receiver, { ifAbsent: true }))),
        abort: () => receiver.abort(),
      };
    },

    async receive(key, body, max, expected = 0) {
      if (index.find(key) !== undefined) return undefined;
      const receiver = new Receiver(incoming, space, {}, createHash("sha256"));
      return receiving(receiver, async () => {
        await space.require(expected, expected <= INDEXED_SIZE);
        for await (const chunk of body) {
          if (receiver.size + chunk.length > max) {
            throw new RangeError(`Cannot store "${key}": more than ${max} bytes received`);
          }
          await receiver.write(chunk);
        }
        if (receiver.size === 0) return 0;
        return (await keep(key, receiver, { ifAbsent: true })) ? receiver.size : undefined;
      });
    },

    async compose(key, parts, size, options = {}) {
      if (parts.includes(key)) throw new Error(`Cannot make "${key}" of itself`);
      const taken: IndexedObject[] = [];
      for (const part of parts) {
        const found = index.find(part);
        if (found === undefined) return undefined;
        taken.push(found);
      }
      /** Files created for parts that had none. */
      const made: ObjectFile[] = [];
      try {
        await objectFiles.verify(key, taken, options);
        const all: ObjectFile[] = [];
        for (const { contents } of taken) {
          if ("files" in contents) {
            all.push(...contents.files);
            continue;
          }
          if (contents.bytes.length === 0) continue;
          const receiver = new Receiver(incoming, space);
          await receiver.write(contents.bytes);
          const file = await receiver.endInFile(files);
          made.push(file);
          all.push(file);
        }
        const joined = all.reduce((sum, file) => sum + file.size, 0);
        if (joined !== size) throw new SizeMismatchError(key, size, joined);
        const { metadata = {} } = options;
        const object = { key, size, metadata, uploaded: Date.now(), contents: { files: all } };
        const unused = index.take(object, taken, options.ifAbsent ?? false);
        if (unused) await objectFiles.remove(unused);
        else await objectFiles.remove([...made, ...(unused === false ? index.remove(parts) : [])]);
        return unused && true;
      } catch (error) {
        await objectFiles.remove(made);
        // The object was removed during the read.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw asStoreFull(error);
      }
    },

    async delete(...keys) {
      let unused: ObjectFile[];
      try {
        unused = index.remove(keys);
      } catch (error) {
        if (!(asStoreFull(error) instanceof StoreFullError)) throw error;
        space.release(true);
        unused = index.remove(keys);
      }
      await objectFiles.remove(unused);
    },

    isFull: () => space.isFull(),
    makeRoom() {
      try {
        space.release(true);
      } catch {
        // The folder no longer exists; the deletion itself reports its errors.
      }
    },
    keepReserve: () => space.hold(),

    async *list(prefix, after = "") {
      for (let last = after; ; ) {
        const page = index.list(prefix, last, 1000);
        yield* page;
        if (page.length < 1000) return;
        last = page.at(-1)?.key ?? last;
      }
    },

    files,

    async locate(key, range) {
      const object = index.find(key);
      if (object === undefined || "bytes" in object.contents) return read(key, range);
      const [first, ...others] = object.contents.files;
      if (first === undefined || others.length > 0) return read(key, range);
      const [offset, end] = boundsOf(object, range);
      return { file: first.name, size: end - offset };
    },

    close() {
      index.close();
      lock?.release();
    },
  };

  function read(key: string, range?: ByteRange) {
    return attempt(key, async (object) => {
      const [offset, end] = boundsOf(object, range);
      const bytes = await objectFiles.start(object.contents, offset, end);
      return { bytes: Readable.from(bytes, { objectMode: false }), size: end - offset };
    });
  }

  /** Opens an object, again when its file was replaced or deleted after the index was read. */
  async function attempt<T>(
    key: string,
    openObject: (object: IndexedObject) => Promise<T>,
  ): Promise<T | undefined> {
    for (let tries = 0; tries < 3; tries += 1) {
      const object = index.find(key);
      if (object === undefined) return undefined;
      try {
        return await openObject(object);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    throw new Error(`Cannot read "${key}": its file is not there`);
  }
}
