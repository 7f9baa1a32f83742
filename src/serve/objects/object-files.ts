import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ByteRange } from "../../store/object-store.ts";
import type { IndexedObject, ObjectContents, ObjectFile } from "./object-index.ts";
import { compareDigest, DigestCheck, type Promised } from "./receiver.ts";

/** Bytes of one read. */
const STEP = 1024 * 1024;

/** The files of objects, and reads of contents in files or in the index. */
export class ObjectFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async remove(unused: readonly ObjectFile[]): Promise<void> {
    for (const { name } of unused) await rm(join(this.#folder, name), { force: true });
  }

  /** Bytes of contents from `offset` to `end`. */
  async readAll(contents: ObjectContents, offset: number, end: number): Promise<Uint8Array> {
    if ("bytes" in contents) return new Uint8Array(contents.bytes.subarray(offset, end));
    const bytes = new Uint8Array(end - offset);
    let filled = 0;
    for (const { name, from, to } of partsOf(contents.files, offset, end)) {
      const file = await open(join(this.#folder, name));
      try {
        await readFully(file, bytes.subarray(filled, filled + to - from), from);
      } finally {
        await file.close();
      }
      filled += to - from;
    }
    return bytes;
  }

  /**
   * Verifies concatenated objects against promised digests: with the digest that was computed while their bytes were
   * written, if one covers all of them, or else by reading them.
   * @throws {DigestMismatchError}
   */
  async verify(key: string, objects: readonly IndexedObject[], promised: Promised): Promise<void> {
    const [sha256, ...others] = objects.flatMap(({ contents }) =>
      "files" in contents ? contents.files.map((file) => file.sha256) : [undefined],
    );
    if (sha256 !== undefined && others.length === 0 && promised.sha512 === undefined) {
      compareDigest(key, "sha256", promised.sha256 ?? sha256, sha256);
      return;
    }
    const check = new DigestCheck(promised);
    for (const { contents, size } of objects) {
      for await (const chunk of this.read(contents, 0, size)) check.update(chunk);
    }
    check.end(key);
  }

  /** Starts a read. A missing file is reported here, before the caller passes bytes on. */
  async start(
    contents: ObjectContents,
    offset: number,
    end: number,
  ): Promise<Iterable<never> | AsyncIterable<Uint8Array>> {
    const parts = this.read(contents, offset, end);
    const first = await parts.next();
    return first.done ? [] : followedBy(first.value, parts);
  }

  /** Yields bytes of contents from `offset` to `end`. */
  async *read(contents: ObjectContents, offset: number, end: number): AsyncGenerator<Uint8Array> {
    if ("bytes" in contents) {
      yield contents.bytes.subarray(offset, end);
      return;
    }
    for (const { name, from, to } of partsOf(contents.files, offset, end))
      yield* bytesOfFile(await open(join(this.#folder, name)), from, to);
  }
}

/** The parts of files that the bytes from `offset` to `end` of all of them consist of. */
function* partsOf(files: readonly ObjectFile[], offset: number, end: number) {
  let before = 0;
  for (const { name, size } of files) {
    const [from, to] = [Math.max(0, offset - before), Math.min(size, end - before)];
    before += size;
    if (from < to) yield { name, from, to };
  }
}

async function* bytesOfFile(file: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array> {
  try {
    for (let at = from; at < to; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(STEP, to - at));
      await readFully(file, buffer, at);
      yield buffer;
      at += buffer.length;
    }
  } finally {
    await file.close();
  }
}

/** Fills a buffer with the bytes of a file from a position on. */
async function readFully(file: FileHandle, buffer: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) throw new Error("Cannot read an object: its file is shorter than it was");
    filled += bytesRead;
  }
}

/** The range of an object in bytes. @throws {RangeError} when the range starts where the object has ended */
export function boundsOf({ key, size }: IndexedObject, range?: ByteRange): [offset: number, end: number] {
  const { offset, length = size } = range ?? { offset: 0 };
  if (range !== undefined && offset >= size) {
    throw new RangeError(`Cannot read "${key}" from byte ${offset}: it has ${size} bytes`);
  }
  return [offset, Math.min(offset + length, size)];
}

async function* followedBy(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
