import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { fromHex } from "../../../streams/hex.ts";
import { sortNumbers } from "../../../streams/sort.ts";
import { spend } from "../../../streams/turns.ts";
import { GitError } from "./git-error.ts";
import type { ObjectFormat, ObjectType } from "./object-format.ts";
import { storedZlib } from "./stored-zlib.ts";

export interface PackedObject {
  id: string;
  type: ObjectType;
  size: number;
  read(): AsyncIterable<Uint8Array>;
}

const TYPE_BITS: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3, tag: 4 };
/** A larger pack would need 64-bit offsets in its index. */
const MAX_PACK = 0x7fffffff;
/** Cost of writing an object, besides its bytes, and of comparing two ids. */
const OBJECT = 2048;
const COMPARING = 64;

/** The position of an object in the pack. */
interface PackedEntry {
  id: string;
  offset: number;
  crc: number;
}

/**
 * Writes a pack and its index (gitformat-pack(5), version 2 of both), without deltas and compression, so that the same
 * objects always give the same bytes.
 */
export class GitPackWriter {
  readonly #format: ObjectFormat;
  readonly #objects: readonly PackedObject[];
  readonly #places: PackedEntry[] = [];
  #checksum: Uint8Array | undefined;

  constructor(objects: readonly PackedObject[], format: ObjectFormat) {
    this.#objects = objects;
    this.#format = format;
  }

  /** The bytes of the pack. @throws {GitError} when it becomes larger than 2 GiB */
  async *pack(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash(this.#format.name);
    const header = new Uint8Array(12);
    const view = new DataView(header.buffer);
    view.setUint32(0, 0x5041434b);
    view.setUint32(4, 2);
    view.setUint32(8, this.#objects.length);
    hash.update(header);
    yield header;
    let offset = header.length;
    for (const object of this.#objects) {
      const turn = spend(OBJECT);
      if (turn !== undefined) await turn;
      const place = { id: object.id, offset, crc: 0 };
      for await (const bytes of entry(object)) {
        const turn = spend(2 * bytes.length);
        if (turn !== undefined) await turn;
        hash.update(bytes);
        place.crc = crc32(bytes, place.crc);
        offset += bytes.length;
        yield bytes;
      }
      this.#places.push(place);
      if (offset > MAX_PACK)
        throw new GitError("git-too-large", "Cannot keep the git directory: the files are too large");
    }
    this.#checksum = new Uint8Array(hash.digest());
    yield this.#checksum;
  }

  /** The checksum that names the pack. Available once the pack is written. */
  get checksum(): Uint8Array {
    if (this.#checksum === undefined) throw new Error("The pack is not written yet");
    return this.#checksum;
  }

  /** The bytes of the index. Available once the pack is written. Works in pieces: see `inTurns`. */
  *index(): Generator<number, Uint8Array, undefined> {
    const { idBytes, name } = this.#format;
    const order = Uint32Array.from(this.#places.keys());
    const meter = { work: 0 };
    const compare = (a: number, b: number) => {
      meter.work += COMPARING;
      return (this.#places[a] as PackedEntry).id < (this.#places[b] as PackedEntry).id ? -1 : 1;
    };
    yield* sortNumbers(order, compare, meter);
    const count = order.length;
    const bytes = new Uint8Array(8 + 256 * 4 + count * (idBytes + 8) + 2 * idBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0xff744f63);
    view.setUint32(4, 2);
    const ids = 8 + 256 * 4;
    const crcs = ids + count * idBytes;
    const offsets = crcs + count * 4;
    for (const [index, place] of order.entries()) {
      yield OBJECT;
      const { id, crc, offset } = this.#places[place] as PackedEntry;
      bytes.set(fromHex(id), ids + index * idBytes);
      view.setUint32(crcs + index * 4, crc);
      view.setUint32(offsets + index * 4, offset);
      const first = bytes[ids + index * idBytes] as number;
      view.setUint32(8 + first * 4, index + 1);
    }
    // The fan-out table counts the ids up to each first byte.
    for (let first = 1; first < 256; first++) {
      const before = view.getUint32(8 + (first - 1) * 4);
      if (view.getUint32(8 + first * 4) === 0) view.setUint32(8 + first * 4, before);
    }
    const end = bytes.length - idBytes;
    bytes.set(this.checksum, end - idBytes);
    bytes.set(createHash(name).update(bytes.subarray(0, end)).digest(), end);
    return bytes;
  }
}

async function* entry(object: PackedObject): AsyncGenerator<Uint8Array, void, undefined> {
  yield entryHeader(object);
  yield* storedZlib(object.read(), object.size);
}

function entryHeader({ type, size }: PackedObject): Uint8Array {
  const header = [];
  let byte = (TYPE_BITS[type] << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    header.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Uint8Array.from([...header, byte]);
}
