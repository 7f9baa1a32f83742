import { encodePack, type PackContents, type PackedFile } from "../context/pack.ts";
import { MAX_PACKED_FILES } from "../context/pack-header.ts";
import { concat } from "../streams/concat.ts";
import { Digester, sha256 } from "../streams/sha256.ts";
import { type CompressBlock, PackBlocks } from "./pack-blocks.ts";

/** A file to send. */
export interface SentFile {
  /** Path for messages. */
  path: string;
  /** `sha256:<hex>` */
  digest: string;
  /** Bytes, at least one. */
  size: number;
  /** May return all bytes of a small file at once. They are valid until the next call for another file. */
  read(): Uint8Array | AsyncIterable<Uint8Array>;
}

export interface MadePack {
  /** `sha256:<hex>` */
  digest: string;
  bytes: Uint8Array;
  /** Bytes of the files in it. */
  contentBytes: number;
}

/** A file changed after it was listed. */
function fileChanged(path: string): Error {
  return new Error(`Cannot send "${path}": it changed while the context was being sent`);
}

/** Bytes of data at which a pack is closed. Its compressed size is then always below the server's limit. */
const PACK = 16 * 1024 * 1024;
/** A larger file has separate packs, cut from its start, so that equal files give equal packs. */
const SMALL = 4 * 1024 * 1024;

/**
 * Writes the contents of files into packs. Equal files in equal order give equal packs.
 * @param compress compresses a block as a zstd frame, concurrently with reading
 * @throws {Error} for a file that changed after it was listed
 */
export async function* makePacks(
  files: Iterable<SentFile>,
  compress: CompressBlock,
): AsyncGenerator<MadePack> {
  const buffers: Uint8Array[] = [];
  const newBlocks = () => new PackBlocks(compress, buffers);
  let open = new OpenPack(newBlocks());
  for (const file of files) {
    if (file.size > SMALL) {
      yield* packsOfLarge(file, newBlocks);
      continue;
    }
    await open.add(file);
    if (!open.isFull) continue;
    yield open.close();
    open = new OpenPack(newBlocks());
  }
  if (!open.isEmpty) yield open.close();
}

async function* packsOfLarge(file: SentFile, newBlocks: () => PackBlocks): AsyncGenerator<MadePack> {
  const hex = hexOf(file);
  const digester = new Digester();
  let blocks = newBlocks();
  let at = 0;
  for await (const chunk of chunksOf(file)) {
    digester.update(chunk);
    for (let from = 0; from < chunk.length; ) {
      // Packs end at fixed positions, independent of the sizes of chunks.
      const part = chunk.subarray(from, from + PACK - blocks.size);
      await blocks.add(part);
      from += part.length;
      // The last pack is made after the whole file was verified.
      if (blocks.size < PACK || at + PACK >= file.size) continue;
      yield closePack(blocks, { files: [], part: [hex, at] });
      at += PACK;
      blocks = newBlocks();
    }
    if (at + blocks.size > file.size) throw fileChanged(file.path);
  }
  if (at + blocks.size !== file.size || digester.digest() !== file.digest) throw fileChanged(file.path);
  yield closePack(blocks, at === 0 ? { files: [[hex, file.size]] } : { files: [], part: [hex, at] });
}

/** A pack of small files that is being filled. */
class OpenPack {
  readonly #blocks: PackBlocks;
  readonly #files: PackedFile[] = [];

  constructor(blocks: PackBlocks) {
    this.#blocks = blocks;
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  get isFull(): boolean {
    return this.#blocks.size >= PACK || this.#files.length === MAX_PACKED_FILES;
  }

  async add(file: SentFile): Promise<void> {
    const contents = file.read();
    const bytes = contents instanceof Uint8Array ? contents : await whole(contents, file);
    if (bytes.length !== file.size || sha256(bytes) !== file.digest) throw fileChanged(file.path);
    await this.#blocks.add(bytes);
    this.#files.push([hexOf(file), file.size]);
  }

  close(): Promise<MadePack> {
    return closePack(this.#blocks, { files: this.#files });
  }
}

async function closePack(blocks: PackBlocks, contents: PackContents): Promise<MadePack> {
  const { frames, lengths } = await blocks.finish();
  const bytes = concat(encodePack(frames, lengths, contents).parts);
  return { digest: sha256(bytes), bytes, contentBytes: blocks.size };
}

async function whole(contents: AsyncIterable<Uint8Array>, { size, path }: SentFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of contents) {
    parts.push(part);
    length += part.length;
    if (length > size) throw fileChanged(path);
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
