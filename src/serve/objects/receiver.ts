import { createHash, type Hash, randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DigestMismatchError, type PutOptions } from "../../store/object-store.ts";
import type { DiskSpace } from "./disk-space.ts";
import type { ObjectContents, ObjectFile } from "./object-index.ts";

/** Maximum size in bytes of an object in the index: opening a file costs more than reading so much. */
export const INDEXED_SIZE = 64 * 1024;
/** Bytes of one write. */
const STEP = 1024 * 1024;

/** Expected digests of bytes. */
export type Promised = Pick<PutOptions, "sha256" | "sha512">;

/** Compares bytes with their expected digests. */
export class DigestCheck {
  readonly #expected: [algorithm: keyof Promised, hex: string][] = [];
  readonly #hashes;

  constructor({ sha256, sha512 }: Promised) {
    if (sha256 !== undefined) this.#expected.push(["sha256", sha256]);
    if (sha512 !== undefined) this.#expected.push(["sha512", sha512]);
    this.#hashes = this.#expected.map(([algorithm]) => createHash(algorithm));
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.#hashes) hash.update(bytes);
  }

  /** @throws {DigestMismatchError} */
  end(key: string): void {
    for (const [i, [algorithm, expected]] of this.#expected.entries()) {
      compareDigest(key, algorithm, expected, this.#hashes[i]?.digest("hex"));
    }
  }
}

/** @throws {DigestMismatchError} */
export function compareDigest(
  key: string,
  algorithm: keyof Promised,
  expected: string,
  actual: string | undefined,
): void {
  if (actual === expected) return;
  throw new DigestMismatchError(`Cannot store "${key}": its bytes have digest ${algorithm}:${actual}`);
}

/** Receives the bytes of one object, in memory as long as they are few, and verifies them. */
export class Receiver {
  readonly #folder: string;
  readonly #space: DiskSpace;
  readonly #check: DigestCheck;
  readonly #sha256: Hash | undefined;
  #digest: string | undefined;
  readonly #name = randomUUID();
  #file: FileHandle | undefined;
  #held: Uint8Array[] = [];
  #heldSize = 0;
  #size = 0;
  /** The write of earlier bytes to the file. */
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param folder of files that do not belong to an object yet
   * @param sha256 hash over the whole file, which `endInFile` then returns with it
   */
  constructor(folder: string, space: DiskSpace, promised: Promised = {}, sha256?: Hash) {
    this.#folder = folder;
    this.#space = space;
    this.#check = new DigestCheck(promised);
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#size;
  }

  /** The hash over all bytes, in hex; undefined without one. Nothing may be written afterwards. */
  get sha256(): string | undefined {
    this.#digest ??= this.#sha256?.digest("hex");
    return this.#digest;
  }

  /** Resolves when more bytes can be written. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#check.update(bytes);
    this.#sha256?.update(bytes);
    this.#held.push(bytes);
    this.#heldSize += bytes.length;
    this.#size += bytes.length;
    if (this.#heldSize < STEP) return;
    await this.#writing;
    this.#writing = this.#flush();
    // Thrown where it is awaited.
    this.#writing.catch(() => {});
  }

  /** Completes the object and returns its contents: bytes, or a file in `folder`. @throws {DigestMismatchError | StoreFullError} */
  async end(key: string, folder: string): Promise<ObjectContents> {
    this.#check.end(key);
    if (this.#size <= INDEXED_SIZE) {
      await this.#space.require(this.#size, true);
      return { bytes: Buffer.concat(this.#held) };
    }
    return { files: [await this.endInFile(folder)] };
  }

  /** Like `end`, but always in a file. */
  async endInFile(folder: string): Promise<ObjectFile> {
    await this.#writing;
    await this.#flush();
    await this.#file?.close();
    await rename(join(this.#folder, this.#name), join(folder, this.#name));
    const { sha256 } = this;
    return { name: this.#name, size: this.#size, ...(sha256 !== undefined && { sha256 }) };
  }

  async abort(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file?.close().catch(() => {});
    await rm(join(this.#folder, this.#name), { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#heldSize === 0) return;
    await this.#space.require(this.#heldSize);
    const [held, size] = [this.#held, this.#heldSize];
    this.#held = [];
    this.#heldSize = 0;
    this.#file ??= await open(join(this.#folder, this.#name), "wx", 0o600);
    const { bytesWritten } = await this.#file.writev(held);
    // The disk may write only a part; the rest is then written at once.
    if (bytesWritten < size) await this.#file.writeFile(Buffer.concat(held).subarray(bytesWritten));
  }
}
