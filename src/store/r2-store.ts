import { SizeMismatchError } from "../streams/verify.ts";
import { exactly } from "./exactly.ts";
import { type ByteRange, DigestMismatchError, type ObjectInfo, type ObjectStore } from "./object-store.ts";
import { multipartWriter } from "./r2-multipart.ts";

/** What R2 takes in one call. */
const KEYS_PER_DELETE = 1000;
/** R2's error number, which stands in parentheses at the end of the message. */
const BAD_DIGEST = 10037;

/** Objects in Cloudflare R2. Runs in workerd only. */
export function r2Store(bucket: R2Bucket): ObjectStore {
  const getObject = async (key: string, range?: ByteRange): Promise<R2ObjectBody | undefined> => {
    try {
      return (await bucket.get(key, range && { range })) ?? undefined;
    } catch (error) {
      // R2 and its simulation name this error differently.
      const object = range && (await bucket.head(key));
      if (!object || range.offset < object.size) throw error;
      throw new RangeError(`Cannot read "${key}" from byte ${range.offset}: it has ${object.size} bytes`, {
        cause: error,
      });
    }
  };

  return {
    async head(key) {
      const object = await bucket.head(key);
      return object === null ? undefined : info(object);
    },

    async get(key, range) {
      return (await getObject(key, range))?.body;
    },

    async getBytes(key, range) {
      const object = await getObject(key, range);
      return object && new Uint8Array(await object.arrayBuffer());
    },

    async put(key, body, size, options = {}) {
      // Asked first because the condition alone is judged only after the whole body has travelled.
      if (options.ifAbsent && (await bucket.head(key)) !== null) return false;
      const { metadata, sha256, sha512 } = options;
      const conditions: R2PutOptions = {
        ...(metadata && { customMetadata: metadata }),
        ...(options.ifAbsent && { onlyIf: { etagDoesNotMatch: "*" } }),
        // R2 takes one checksum; either is proof enough.
        ...(sha256 !== undefined ? { sha256 } : sha512 !== undefined && { sha512 }),
      };
      try {
        if (body instanceof Uint8Array) {
          if (body.length !== size) throw new SizeMismatchError(key, size, body.length);
          return (await bucket.put(key, body, conditions)) !== null;
        }
        return (await putStream(bucket, key, exactly(body, size, key), size, conditions)) !== null;
      } catch (error) {
        if (errorNumber(error) !== BAD_DIGEST) throw error;
        throw new DigestMismatchError(`Cannot store "${key}": its bytes have another digest than promised`, {
          cause: error,
        });
      }
    },

    async create(key, options = {}) {
      return multipartWriter(bucket, key, options.metadata ?? {});
    },

    async delete(...keys) {
      for (let i = 0; i < keys.length; i += KEYS_PER_DELETE) {
        await bucket.delete(keys.slice(i, i + KEYS_PER_DELETE));
      }
    },

    async *list(prefix, after) {
      let page: R2Objects | undefined;
      do {
        page = await bucket.list({
          prefix,
          include: ["customMetadata"],
          ...(page?.truncated ? { cursor: page.cursor } : after !== undefined && { startAfter: after }),
        });
        for (const object of page.objects) yield info(object);
      } while (page.truncated);
    },
  };
}

/** R2 takes a stream only when its length is known beforehand. */
async function putStream(
  bucket: R2Bucket,
  key: string,
  body: AsyncIterable<Uint8Array>,
  size: number,
  options: R2PutOptions,
): Promise<R2Object | null> {
  if (size === 0) {
    // An empty body has ended before its source, which may throw.
    for await (const _ of body);
    return bucket.put(key, new Uint8Array(), options);
  }
  const { readable, writable } = new FixedLengthStream(size);
  const pump = async () => {
    const writer = writable.getWriter();
    try {
      for await (const chunk of body) await writer.write(chunk);
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
  };
  const pumped = pump();
  const stored = bucket.put(key, readable, options);
  const [source, target] = await Promise.allSettled([pumped, stored]);
  // What went wrong at the source explains more than the broken stream that R2 saw; a refusal by R2 likewise
  // ends the source's stream, and is then the cause.
  if (
    target.status === "rejected" &&
    (source.status === "fulfilled" || errorNumber(target.reason) !== undefined)
  ) {
    throw target.reason;
  }
  if (source.status === "rejected") throw source.reason;
  return target.status === "fulfilled" ? target.value : null;
}

function info(object: R2Object): ObjectInfo {
  return {
    key: object.key,
    size: object.size,
    metadata: object.customMetadata ?? {},
    uploaded: object.uploaded.getTime(),
  };
}

function errorNumber(error: unknown): number | undefined {
  const match = error instanceof Error ? /\((\d{5})\)$/.exec(error.message) : null;
  return match === null ? undefined : Number(match[1]);
}
