import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChunkSource, SpoolStore } from "../../layers/spool.ts";
import type { ByteRange, ObjectWriter } from "../../store/object-store.ts";

/** Stores the compressed chunks of one layer until its upload, in files of a folder. */
export class SpoolFile implements SpoolStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(key: string): Promise<ObjectWriter> {
    const file = await open(this.#path(key), "wx");
    let isOpen = true;
    const close = async () => {
      if (isOpen) await file.close();
      isOpen = false;
    };
    return {
      write: async (bytes) => writeAll(file, bytes),
      complete: close,
      abort: async () => {
        await close();
        await this.delete(key);
      },
    };
  }

  async getBytes(key: string, { offset = 0, length }: Partial<ByteRange> = {}): Promise<Uint8Array> {
    const file = await open(this.#path(key));
    try {
      const size = length ?? (await file.stat()).size - offset;
      const bytes = Buffer.allocUnsafe(size);
      const { bytesRead } = await file.read(bytes, 0, size, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async delete(...keys: string[]): Promise<void> {
    for (const key of keys) await rm(this.#path(key), { force: true });
  }

  /** The bytes of chunks, from an offset into all of them. */
  async *read(sources: readonly ChunkSource[], offset: number): AsyncGenerator<Uint8Array> {
    let skip = offset;
    for (const source of sources) {
      const { length } = source;
      if (length <= skip) {
        skip -= length;
        continue;
      }
      if (source instanceof Uint8Array) yield source.subarray(skip);
      else {
        const start = source.offset + skip;
        yield* createReadStream(this.#path(source.key), { start, end: source.offset + length - 1 });
      }
      skip = 0;
    }
  }

  #path(key: string): string {
    return join(this.#folder, key.replaceAll("/", "-"));
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
