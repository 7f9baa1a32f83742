import type { ObjectInfo, ObjectStore } from "../../src/store/object-store.ts";

/** A bucket whose objects are in a store outside of the runtime, so that the CPU time of the runtime is that of the Worker. */
export function outsideBucket(store: ObjectStore): R2Bucket {
  const headed = async (key: string) => {
    const info = await store.head(key);
    return info === undefined ? null : objectOf(info);
  };

  const operations = {
    head: headed,
    async get(key: string, { range }: R2GetOptions = {}) {
      const { offset = 0, length } = (range ?? {}) as { offset?: number; length?: number };
      const part = range === undefined ? undefined : { offset, ...(length !== undefined && { length }) };
      const body = await store.get(key, part);
      return body === undefined ? null : { body, arrayBuffer: () => new Response(body).arrayBuffer() };
    },
    async put(key: string, body: Uint8Array | ReadableStream<Uint8Array>, options: R2PutOptions = {}) {
      const { customMetadata: metadata = {}, onlyIf } = options;
      if (body instanceof Uint8Array) {
        const isStored = await store.put(key, body, body.length, {
          metadata,
          ifAbsent: onlyIf !== undefined,
        });
        return isStored ? headed(key) : null;
      }
      const size = await store.receive?.(key, body, Number.MAX_SAFE_INTEGER);
      return size === undefined ? null : headed(key);
    },
    async delete(keys: string | string[]) {
      await store.delete(...[keys].flat());
    },
    async list({ prefix = "", startAfter }: R2ListOptions) {
      const objects = [];
      for await (const info of store.list(prefix, startAfter)) objects.push(objectOf(info));
      return { objects, truncated: false };
    },
    async createMultipartUpload(key: string, { customMetadata: metadata = {} }: R2MultipartOptions = {}) {
      const writer = await store.create(key, { metadata });
      return {
        async uploadPart(partNumber: number, bytes: Uint8Array) {
          await writer.write(bytes);
          return { partNumber, etag: "" };
        },
        complete: () => writer.complete(),
        abort: () => writer.abort(),
      };
    },
  };
  return operations as unknown as R2Bucket;
}

function objectOf({ key, size, metadata, uploaded }: ObjectInfo) {
  return { key, size, customMetadata: metadata, uploaded: new Date(uploaded), version: String(uploaded) };
}
