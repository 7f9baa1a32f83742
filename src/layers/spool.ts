import type { ObjectStore, ObjectWriter } from "../store/object-store.ts";

/** Stores chunks until their layer is complete. */
export type SpoolStore = Pick<ObjectStore, "create" | "delete" | "getBytes">;

/** A range of compressed bytes in an object. */
export interface ChunkPlace {
  key: string;
  offset: number;
  length: number;
}

/** The bytes of a chunk, or the object that contains them. */
export type ChunkSource = Uint8Array | ChunkPlace;

/** Key prefix of temporary objects, which are deleted once their layer is written. */
const spoolPrefix = "spool/";

/** A new key of a temporary object. */
export function spoolKey(): string {
  return `${spoolPrefix}${crypto.randomUUID()}`;
}

/** Whether so many more bytes may stay in memory. */
export type Keep = (bytes: number) => boolean;

/** Keeps up to `maxBytes` bytes. */
export function keepUpTo(maxBytes: number): Keep {
  let kept = 0;
  return (bytes) => {
    if (kept + bytes > maxBytes) return false;
    kept += bytes;
    return true;
  };
}

/** Buffers bytes: in memory as long as it may, the rest in one object. */
export class Spool {
  readonly #store: SpoolStore;
  readonly #keep: Keep;
  #spooled = 0;
  #writer: ObjectWriter | undefined;
  readonly #key = spoolKey();

  constructor(store: SpoolStore, keep: Keep) {
    this.#store = store;
    this.#keep = keep;
  }

  /** Key of the object; undefined when everything is in memory. */
  get key(): string | undefined {
    return this.#writer && this.#key;
  }

  /** Adds bytes without copying them. */
  async add(bytes: Uint8Array): Promise<ChunkSource> {
    if (this.#writer === undefined && this.#keep(bytes.length)) return bytes;
    this.#writer ??= await this.#store.create(this.#key);
    await this.#writer.write(bytes);
    const place = { key: this.#key, offset: this.#spooled, length: bytes.length };
    this.#spooled += bytes.length;
    return place;
  }

  /** Completes the object. Added bytes can be read afterwards. */
  async complete(): Promise<void> {
    await this.#writer?.complete();
  }

  async abort(): Promise<void> {
    await this.#writer?.abort();
  }
}
