import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import type { CacheChunk, CacheState } from "../../../schemas/cache-mount.ts";
import { concat } from "../../streams/concat.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import { runProgram } from "../command.ts";
import { EXTRACT } from "../files/tar-flags.ts";
import { contentChunks } from "./content-chunks.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Bytes at which a pack is closed. Its last chunk may exceed this. */
const PACK = 8 * 1024 * 1024;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
/** The highest compression ratio of real folders. A state with a higher one is an attempt to fill the disk. */
const MAX_RATIO = 50;
/** Bytes of one read. */
const READ = 8 * 1024 * 1024;

/** Storage of packs. */
export interface PackPlace {
  put(pack: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  read(pack: string, offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Stores the chunks of `folder` that `base` does not have and returns the new state; undefined when nothing changed.
 * Keeps owners, modes, times, links and attributes. Names may be any bytes.
 * @throws {Error} and the errors of `place`
 */
export async function saveFolder(
  folder: string,
  base: CacheState | undefined,
  place: PackPlace,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<CacheState | undefined> {
  const writer = new StateWriter(base, place, limit);
  await runProgram("tar", CREATE.concat(folder, "."), {
    signal,
    output: async (stdout) => {
      for await (const chunk of contentChunks(stdout)) await writer.add(chunk);
    },
  });
  return writer.finish();
}

/**
 * Restores a state into an empty folder.
 * @throws {Error} when the state decompresses to many times the limit
 * @throws {Error} when a chunk cannot be read
 */
export async function loadFolder(
  folder: string,
  state: CacheState,
  place: PackPlace,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<void> {
  let bytes = 0;
  for (const [, size] of state.chunks) bytes += size;
  if (bytes > limit * MAX_RATIO) throw new Error(`a cache mount has ${bytes} bytes`);
  // Without `--absolute-names`, tar rejects names and links that lead out of the folder.
  await runProgram("tar", EXTRACT.concat("--directory", folder), { signal, input: contentsOf(state, place) });
  // A state from another client must not create devices on this machine.
  await runProgram("find", [folder, "-xdev", "(", "-type", "b", "-o", "-type", "c", ")", "-delete"], {
    signal,
  });
}

/** Whether a state uses less than half of the packs that it has from `base`. */
export function isWasteful(state: CacheState, base: CacheState): boolean {
  const ends = new Map<string, number>();
  const used = new Map<string, number>();
  for (const { packs, chunks } of [base, state]) {
    for (const [sha256, , number, offset, length] of chunks) {
      const pack = packs[number] ?? "";
      ends.set(pack, Math.max(ends.get(pack) ?? 0, offset + length));
      if (packs === state.packs) used.set(sha256, length);
    }
  }
  let packBytes = 0;
  for (const pack of state.packs) packBytes += ends.get(pack) ?? 0;
  let bytes = 0;
  for (const length of used.values()) bytes += length;
  return packBytes > 2 * bytes + PACK;
}

async function* contentsOf({ packs, chunks }: CacheState, place: PackPlace): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < chunks.length; ) {
    const [, , pack, start] = chunks[at] as CacheChunk;
    let end = at;
    let length = 0;
    for (let next = chunks[end]; next?.[2] === pack && next[3] === start + length; next = chunks[++end]) {
      if (length > 0 && length + next[4] > READ) break;
      length += next[4];
    }
    const bytes = await place.read(packs[pack] ?? "", start, length);
    for (; at < end; at++) {
      const [sha256, size, , offset, chunkLength] = chunks[at] as CacheChunk;
      const part = bytes.subarray(offset - start, offset - start + chunkLength);
      const plain = await decompress(part, { maxOutputLength: size });
      if (sha256Hex(plain) !== sha256)
        throw new Error("Cannot read a cache mount: the digest of a chunk does not match");
      yield plain;
    }
  }
}

/** Collects chunks in packs and uploads each full pack while the next one fills. */
class StateWriter {
  readonly #place: PackPlace;
  readonly #limit: number;
  readonly #base: CacheState | undefined;
  /** By hash: the pack of a chunk and its position in it. */
  readonly #known = new Map<string, { pack: string; offset: number; length: number }>();
  readonly #packs = new Map<string, number>();
  readonly #chunks: CacheChunk[] = [];
  #pack: { id: string; parts: Uint8Array[]; bytes: number } | undefined;
  #putting: Promise<void> = Promise.resolve();
  #newBytes = 0;

  constructor(base: CacheState | undefined, place: PackPlace, limit: number) {
    this.#base = base;
    this.#place = place;
    this.#limit = limit;
    for (const [sha256, , pack, offset, length] of base?.chunks ?? []) {
      this.#known.set(sha256, { pack: base?.packs[pack] ?? "", offset, length });
    }
  }

  async add(chunk: Uint8Array): Promise<void> {
    const sha256 = sha256Hex(chunk);
    const size = chunk.length;
    let known = this.#known.get(sha256);
    if (known === undefined) {
      known = await this.#keep(await compress(chunk, LEVEL));
      this.#known.set(sha256, known);
    }
    this.#chunks.push([sha256, size, this.#numberOf(known.pack), known.offset, known.length]);
  }

  async finish(): Promise<CacheState | undefined> {
    await this.#close();
    await this.#putting;
    const isSame =
      this.#chunks.length === this.#base?.chunks.length &&
      this.#chunks.every(([sha256], index) => sha256 === this.#base?.chunks[index]?.[0]);
    return isSame ? undefined : { packs: [...this.#packs.keys()], chunks: this.#chunks };
  }

  async #keep(bytes: Uint8Array) {
    this.#newBytes += bytes.length;
    if (this.#newBytes > this.#limit) {
      throw new Error(`a cache mount has more than the ${this.#limit} bytes that the server keeps`);
    }
    this.#pack ??= { id: randomUUID(), parts: [], bytes: 0 };
    const place = { pack: this.#pack.id, offset: this.#pack.bytes, length: bytes.length };
    this.#pack.parts.push(bytes);
    this.#pack.bytes += bytes.length;
    if (this.#pack.bytes >= PACK) await this.#close();
    return place;
  }

  async #close(): Promise<void> {
    if (this.#pack === undefined) return;
    const { id, parts } = this.#pack;
    this.#pack = undefined;
    await this.#putting;
    this.#putting = this.#place.put(id, concat(parts) as Uint8Array<ArrayBuffer>);
    // The next `await this.#putting` throws it.
    this.#putting.catch(() => {});
  }

  #numberOf(pack: string): number {
    const number = this.#packs.get(pack) ?? this.#packs.size;
    this.#packs.set(pack, number);
    return number;
  }
}

const CREATE: readonly string[] = [
  "--create",
  "--file=-",
  "--format=posix",
  // Equal files give equal bytes: no process number, no access and change times, one order.
  "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
  "--sort=name",
  "--numeric-owner",
  "--xattrs",
  "--xattrs-include=*",
  "--warning=no-file-ignored",
  "--blocking-factor=128",
  "--directory",
];
