import type { ObjectStore, ObjectWriter } from "../store/object-store.ts";
import type { ChunkPlace } from "./chunk-index.ts";

/** Where bytes of a layer come from: memory, or an object. */
export type ChunkSource = Uint8Array | ChunkPlace;

/** Of the keys of objects that are dropped once their layer is written. */
const spoolPrefix = "spool/";

/** Keeps bytes until they are needed again: in memory up to a bound, the rest in an object of its own. */
export class Spool {
  readonly #store: ObjectStore;
  readonly #most: number;
  #kept = 0;
  #spooled = 0;
  #writer: ObjectWriter | undefined;
  readonly #key = `${spoolPrefix}${crypto.randomUUID()}`;

  constructor(store: ObjectStore, most: number) {
    this.#store = store;
    this.#most = most;
  }

  /** Of the object; undefined when everything is in memory. */
  get key(): string | undefined {
    return this.#writer && this.#key;
  }

  /** Takes the bytes over. */
  async add(bytes: Uint8Array): Promise<ChunkSource> {
    if (this.#writer === undefined && this.#kept + bytes.length <= this.#most) {
      this.#kept += bytes.length;
      return bytes;
    }
    this.#writer ??= await this.#store.create(this.#key);
    await this.#writer.write(bytes);
    const place = { key: this.#key, offset: this.#spooled, length: bytes.length };
    this.#spooled += bytes.length;
    return place;
  }

  /** What was added can be read from here on. */
  async complete(): Promise<void> {
    await this.#writer?.complete();
  }

  async abort(): Promise<void> {
    await this.#writer?.abort();
  }
}
