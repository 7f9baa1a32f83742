import { collect } from "../streams/collect.ts";
import { concat } from "../streams/concat.ts";
import { Digester } from "../streams/sha256.ts";
import { SizeMismatchError } from "../streams/verify.ts";
import { exactly } from "./exactly.ts";
import {
  type ByteRange,
  DigestMismatchError,
  type ObjectInfo,
  type ObjectStore,
  openBody,
  type PutOptions,
} from "./object-store.ts";

interface StoredObject {
  bytes: Uint8Array;
  metadata: Record<string, string>;
  uploaded: number;
}

/** Objects in memory, for the browser and for tests. */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, StoredObject>();

  const getBytes = (key: string, range?: ByteRange): Uint8Array | undefined => {
    const object = objects.get(key);
    if (object === undefined || range === undefined) return object?.bytes;
    const { offset, length } = range;
    if (offset >= object.bytes.length) {
      throw new RangeError(`Cannot read "${key}" from byte ${offset}: it has ${object.bytes.length} bytes`);
    }
    return object.bytes.subarray(offset, length === undefined ? undefined : offset + length);
  };

  return {
    async head(key) {
      const object = objects.get(key);
      return object && info(key, object);
    },

    async get(key, range) {
      const bytes = getBytes(key, range);
      return bytes && new Blob([bytes]).stream();
    },

    async getBytes(key, range) {
      return getBytes(key, range)?.slice();
    },

    async put(key, body, size, options = {}) {
      if (options.ifAbsent && objects.has(key)) return false;
      const given =
        body instanceof Uint8Array ? body : await collect(exactly(openBody(body), size, key), size);
      if (given.length !== size) throw new SizeMismatchError(key, size, given.length);
      verify(key, given, options);
      const bytes = given.slice();
      if (options.ifAbsent && objects.has(key)) return false;
      objects.set(key, { bytes, metadata: { ...options.metadata }, uploaded: Date.now() });
      return true;
    },

    async create(key, options = {}) {
      let parts: Uint8Array[] | undefined = [];
      return {
        async write(bytes) {
          if (parts === undefined) throw new Error(`Cannot write to "${key}": it is complete or dropped`);
          parts.push(bytes.slice());
        },
        async complete() {
          if (parts === undefined) throw new Error(`Cannot complete "${key}": it is complete or dropped`);
          objects.set(key, { bytes: concat(parts), metadata: { ...options.metadata }, uploaded: Date.now() });
          parts = undefined;
        },
        async abort() {
          parts = undefined;
        },
      };
    },

    async compose(key, parts, size, options = {}) {
      const found = parts.flatMap((part) => objects.get(part)?.bytes ?? []);
      if (found.length < parts.length) return undefined;
      const bytes = concat(found);
      if (bytes.length !== size) throw new SizeMismatchError(key, size, bytes.length);
      verify(key, bytes, options);
      const isStored = await this.put(key, bytes, bytes.length, options);
      await this.delete(...parts);
      return isStored;
    },

    async delete(...keys) {
      for (const key of keys) objects.delete(key);
    },

    async *list(prefix, after = "") {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      for (const key of keys) {
        const object = objects.get(key);
        if (object !== undefined) yield info(key, object);
      }
    },
  };
}

function info(key: string, object: StoredObject): ObjectInfo {
  const { bytes, metadata, uploaded } = object;
  return { key, size: bytes.length, metadata: { ...metadata }, uploaded };
}

function verify(key: string, bytes: Uint8Array, options: PutOptions): void {
  for (const algorithm of ["sha256", "sha512"] as const) {
    const expected = options[algorithm];
    if (expected === undefined) continue;
    const actual = new Digester(algorithm).update(bytes).digest();
    if (actual !== `${algorithm}:${expected}`) {
      throw new DigestMismatchError(`Cannot store "${key}": its bytes have digest ${actual}`);
    }
  }
}
