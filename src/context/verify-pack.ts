import { inflateMember } from "../compression/members.ts";
import { ByteReader } from "../streams/byte-reader.ts";
import { Digester } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import type { PackedFile } from "./pack.ts";
import { PackError } from "./pack-error.ts";
import { MAX_PACK_HEADER, type PackHeader, readPackHeader } from "./pack-header.ts";

/** Bytes of a framed object that contain the length of its header. */
const PREFIX = 12;
/** Cost of reading a block, besides its bytes. */
const BLOCK = 8192;

/**
 * Verifies the bytes of a pack as they pass through: its structure, its digest, and the digest of every file. The last
 * bytes are passed on only when everything is valid, so a completely stored object is valid. For a part of a large
 * file, only the size is verified until the file is assembled.
 */
export class VerifiedPack implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #digest: string;
  readonly #size: number;
  #header: { read: PackHeader; bytes: Uint8Array } | undefined;

  /** @param size size of the pack in bytes */
  constructor(source: AsyncIterable<Uint8Array>, digest: string, size: number) {
    this.#source = source;
    this.#digest = digest;
    this.#size = size;
  }

  /** The header; available once all bytes have been read. */
  get header(): PackHeader {
    return this.#verified().read;
  }

  /** The bytes before the first block; available once all bytes have been read. */
  get headerBytes(): Uint8Array {
    return this.#verified().bytes;
  }

  /** @throws {PackError} */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const input = new ByteReader(this.#source);
    const digester = new Digester();
    try {
      const prefix = await this.#read(input, PREFIX);
      const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(8, true);
      if (length > MAX_PACK_HEADER) throw this.#wrong(`its header has ${length} bytes`);
      const start = new Uint8Array(PREFIX + length);
      start.set(prefix);
      start.set(await this.#read(input, length), PREFIX);
      const header = readPackHeader(start, this.#digest);
      const files = new FileVerifier(header.files, this.#digest);
      digester.update(start);
      let checked: Uint8Array = start;
      for (const [stored, size] of header.blocks) {
        const turn = spend(BLOCK + stored + 2 * size);
        if (turn !== undefined) await turn;
        const block = await this.#read(input, stored);
        const data = this.#inflate(block, size);
        if (header.part === undefined) files.update(data);
        digester.update(block);
        yield checked;
        checked = block;
      }
      if (input.offset !== this.#size || !(await input.atEnd()))
        throw this.#wrong("it has more than its blocks");
      const actual = digester.digest();
      if (actual !== this.#digest) throw this.#wrong(`its bytes have digest ${actual}`);
      this.#header = { read: header, bytes: start };
      yield checked;
    } finally {
      await input.close();
    }
  }

  #verified(): { read: PackHeader; bytes: Uint8Array } {
    if (this.#header === undefined) throw new Error("The pack was not read to its end");
    return this.#header;
  }

  async #read(input: ByteReader, length: number): Promise<Uint8Array> {
    const bytes = await input.read(length);
    if (bytes.length < length) throw this.#wrong(`it ends after ${input.offset} bytes`);
    return bytes;
  }

  #inflate(block: Uint8Array, size: number): Uint8Array {
    try {
      return inflateMember(block, "zstd", size);
    } catch (cause) {
      throw new PackError(this.#digest, (cause as Error).message, { cause });
    }
  }

  #wrong(reason: string): PackError {
    return new PackError(this.#digest, reason);
  }
}

/** Compares data that arrive block by block with a list of consecutive files. */
class FileVerifier {
  readonly #files: readonly PackedFile[];
  readonly #pack: string;
  #number = 0;
  #digester = new Digester();
  /** Bytes of the current file that have not arrived yet. */
  #missing: number;

  constructor(files: readonly PackedFile[], pack: string) {
    this.#files = files;
    this.#pack = pack;
    this.#missing = files[0]?.[1] ?? 0;
  }

  update(data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      const part = data.subarray(at, at + this.#missing);
      this.#digester.update(part);
      this.#missing -= part.length;
      at += part.length;
      if (this.#missing === 0) this.#next();
    }
  }

  #next(): void {
    const expected = `sha256:${this.#files[this.#number]?.[0]}`;
    const actual = this.#digester.digest();
    if (actual !== expected) {
      throw new PackError(this.#pack, `its file ${expected} has digest ${actual}`);
    }
    this.#number++;
    this.#digester = new Digester();
    this.#missing = this.#files[this.#number]?.[1] ?? Number.POSITIVE_INFINITY;
  }
}
