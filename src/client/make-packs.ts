import { encodePack, type PackContents, type PackedFile } from "../context/pack.ts";
import { MOST_PACKED_FILES } from "../context/pack-header.ts";
import { BlockPacker } from "../store/block-packer.ts";
import { concat } from "../streams/concat.ts";
import { Digester, sha256 } from "../streams/sha256.ts";

/** A file whose contents are to be sent. */
export interface SentFile {
  /** As people know it. */
  path: string;
  /** `sha256:<hex>` */
  digest: string;
  /** Bytes, at least one. */
  size: number;
  /** All bytes at once for a small file. */
  read(): Uint8Array | AsyncIterable<Uint8Array>;
}

export interface MadePack {
  /** `sha256:<hex>` */
  digest: string;
  bytes: Uint8Array;
  /** Bytes of files that are in it. */
  contentBytes: number;
}

/** A file does not hold any more what it held when it was listed. */
export class FileChangedError extends Error {
  override name = "FileChangedError";

  constructor(path: string) {
    super(`Cannot send "${path}": it changed while the context was being sent`);
  }
}

/** Compressed bytes at which a pack is closed, and bytes of data. */
const PACK = 8 * 1024 * 1024;
const PACK_DATA = 256 * 1024 * 1024;
/** Larger files have packs of their own, cut from their own start, so that the same file makes the same packs. */
const SMALL = 4 * 1024 * 1024;

/** Bytes between two breaths. */
const BREATH = 1024 * 1024;

/** Packing is all computation: lets what is being sent go on. */
function breathe(): Promise<void> {
  return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}

/**
 * Puts the contents of files into packs: the same files in the same order make the same packs.
 * Throws `FileChangedError`.
 */
export async function* makePacks(files: Iterable<SentFile>): AsyncGenerator<MadePack> {
  let open = new OpenPack();
  let worked = 0;
  for (const file of files) {
    worked += file.size;
    if (worked >= BREATH) {
      worked = 0;
      await breathe();
    }
    if (file.size > SMALL) {
      yield* packsOfLarge(file);
      continue;
    }
    await open.add(file);
    if (!open.isFull) continue;
    yield open.close();
    open = new OpenPack();
  }
  if (!open.isEmpty) yield open.close();
}

async function* packsOfLarge(file: SentFile): AsyncGenerator<MadePack> {
  const hex = hexOf(file);
  const digester = new Digester();
  let packer = new BlockPacker();
  let at = 0;
  for await (const chunk of chunksOf(file)) {
    digester.update(chunk);
    await breathe();
    for (let from = 0; from < chunk.length; ) {
      // Block by block, so that where a pack ends does not depend on how the contents came.
      const block = chunk.subarray(from, from + packer.room);
      packer.add(block);
      from += block.length;
      if (packer.readyBytes < PACK && packer.size < PACK_DATA) continue;
      const { size } = packer;
      // The last pack is made when it is known that the file is whole.
      if (at + size >= file.size) continue;
      yield closed(packer, { files: [], part: [hex, at] });
      at += size;
      packer = new BlockPacker();
    }
  }
  if (at + packer.size !== file.size || digester.digest() !== file.digest)
    throw new FileChangedError(file.path);
  yield closed(packer, at === 0 ? { files: [[hex, file.size]] } : { files: [], part: [hex, at] });
}

/** A pack of small files that is being filled. */
class OpenPack {
  readonly #packer = new BlockPacker();
  readonly #files: PackedFile[] = [];

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  get isFull(): boolean {
    const { readyBytes, size } = this.#packer;
    return readyBytes >= PACK || size >= PACK_DATA || this.#files.length === MOST_PACKED_FILES;
  }

  async add(file: SentFile): Promise<void> {
    const contents = file.read();
    const bytes = contents instanceof Uint8Array ? contents : await whole(contents, file);
    if (bytes.length !== file.size || sha256(bytes) !== file.digest) throw new FileChangedError(file.path);
    this.#packer.add(bytes);
    this.#files.push([hexOf(file), file.size]);
  }

  close(): MadePack {
    return closed(this.#packer, { files: this.#files });
  }
}

function closed(packer: BlockPacker, contents: PackContents): MadePack {
  packer.flush();
  const bytes = concat(encodePack(packer.take(), packer.lengths, contents).parts);
  return { digest: sha256(bytes), bytes, contentBytes: packer.size };
}

async function whole(contents: AsyncIterable<Uint8Array>, { size, path }: SentFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of contents) {
    parts.push(part);
    length += part.length;
    if (length > size) throw new FileChangedError(path);
  }
  return concat(parts);
}

async function* chunksOf(file: SentFile): AsyncGenerator<Uint8Array> {
  const contents = file.read();
  if (contents instanceof Uint8Array) yield contents;
  else yield* contents;
}

function hexOf({ digest }: SentFile): string {
  return digest.slice("sha256:".length);
}
