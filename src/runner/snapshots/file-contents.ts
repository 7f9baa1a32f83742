import { closeSync, openSync, readSync } from "node:fs";
import type { Contents } from "../../rootfs/tree.ts";
import { Digester } from "../../streams/sha256.ts";

const CHUNK = 512 * 1024;

/** The contents of a file of this machine. The file must not change. */
export class LocalContents implements Contents {
  readonly size: number;
  readonly #path: string | Buffer;
  /** `sha256:<hex>`, once it was computed. */
  digest: string | undefined;

  constructor(path: string | Buffer, size: number) {
    this.#path = path;
    this.size = size;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const file = openSync(this.#path, "r");
    try {
      for (let left = this.size; left > 0; ) {
        // A new buffer each time, because the reader may keep it.
        const chunk = Buffer.allocUnsafe(Math.min(left, CHUNK));
        const read = readSync(file, chunk);
        if (read === 0) return;
        left -= read;
        yield read === chunk.length ? chunk : chunk.subarray(0, read);
      }
    } finally {
      closeSync(file);
    }
  }

  /** Computes the digest. */
  async hash(): Promise<string> {
    if (this.digest === undefined) {
      const digester = new Digester();
      for await (const chunk of this.read()) digester.update(chunk);
      this.digest = digester.digest();
    }
    return this.digest;
  }
}
