import { each } from "../streams/each.ts";
import { isolateMemory } from "../streams/memory-budget.ts";
import { SizeMismatchError } from "../streams/verify.ts";
import { exactly } from "./exactly.ts";
import {
  type ByteRange,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  openBody,
  type PutOptions,
} from "./object-store.ts";
import { multipartWriter } from "./r2-multipart.ts";
import {
  MissingPartError,
  type Pipe,
  pipeFrom,
  pipeOfParts,
  putStream,
  verifyPipe,
  wrongDigest,
} from "./r2-streams.ts";
import {
  type Clock,
  errorNumber,
  refusalOf,
  StoreBusyError,
  systemClock,
  withStoreRetries,
} from "./retry.ts";

/** Limit of R2 for one call. */
const KEYS_PER_DELETE = 1000;
/** R2's error number for a wrong checksum. */
const BAD_DIGEST = 10037;
/** A body that can be read only once is buffered up to this size if memory is free, so that a rejected put can be retried. */
const MAX_BUFFERED = 8 * 1024 * 1024;
/** Bodies up to this size are always buffered. */
const ALWAYS_BUFFERED = 64 * 1024;
/** Metadata of conditional puts that identifies the writer: a failed attempt may have stored the object. */
const WRITER = "varve-writer";

/**
 * Objects in Cloudflare R2. Runs in workerd only. Retries operations that R2 rejects; the result of a retried conditional
 * put is checked against the stored object.
 */
export function r2Store(bucket: R2Bucket, clock: Clock = systemClock): ObjectStore {
  const again = <T>(doing: string, key: string, attempt: (before: number) => Promise<T>) =>
    withStoreRetries(`${doing} "${key}"`, attempt, clock);

  const headObject = (key: string) => again("read", key, () => bucket.head(key));

  /** @param read reads the object, as part of the attempt */
  const getObject = <T>(
    key: string,
    range: ByteRange | undefined,
    read: (object: R2ObjectBody) => T | Promise<T>,
  ): Promise<T | undefined> =>
    again("read", key, async () => {
      try {
        const object = await bucket.get(key, range && { range });
        return object === null ? undefined : await read(object);
      } catch (cause) {
        // R2 and its simulation report this error differently, the simulation as a temporary one.
        const object = range && (await bucket.head(key));
        if (!object || range.offset < object.size) throw cause;
        const reason = `it has ${object.size} bytes`;
        throw new RangeError(`Cannot read "${key}" from byte ${range.offset}: ${reason}`, { cause });
      }
    });

  /** Stores an object. If two writers replace it at the same time, either one may win. */
  const putAlways = (key: string, body: ObjectBody | Pipe, size: number, options: R2PutOptions) => {
    let seen: string | undefined;
    return again("write", key, async () => {
      try {
        await putOnce(bucket, key, body, size, options);
      } catch (error) {
        if (refusalOf(error) !== "busy") throw error;
        const version = (await headObject(key))?.version;
        const isReplaced = seen !== undefined && version !== undefined && version !== seen;
        seen = version;
        if (!isReplaced) throw error;
      }
    });
  };

  /**
   * Stores an object unless it exists. A failed attempt may have stored it, which its metadata show.
   * @returns whether it was stored
   */
  const putIfAbsent = async (key: string, body: ObjectBody | Pipe, size: number, options: R2PutOptions) => {
    const writer = crypto.randomUUID();
    const conditional: R2PutOptions = {
      ...options,
      customMetadata: { ...options.customMetadata, [WRITER]: writer },
      onlyIf: { etagDoesNotMatch: "*" },
    };
    const isOwn = ({ customMetadata }: R2Object) => customMetadata?.[WRITER] === writer;
    return again("write", key, async (before) => {
      const known = before === 0 ? null : await headObject(key);
      if (known !== null) return isOwn(known);
      try {
        return (await putOnce(bucket, key, body, size, conditional)) !== null;
      } catch (error) {
        // Another writer may have stored it.
        const other = refusalOf(error) === "busy" ? await headObject(key) : null;
        if (other === null) throw error;
        return isOwn(other);
      }
    });
  };

  /** Stores an object whose digest R2 verifies. @returns as `ObjectStore.put` */
  const putVerified = async (key: string, body: ObjectBody | Pipe, size: number, options: PutOptions) => {
    const { metadata, sha256, sha512 } = options;
    const conditions: R2PutOptions = {
      ...(metadata && { customMetadata: metadata }),
      // R2 accepts one checksum, and one is enough.
      ...(sha256 !== undefined ? { sha256 } : sha512 !== undefined && { sha512 }),
    };
    try {
      if (options.ifAbsent) return await putIfAbsent(key, body, size, conditions);
      await putAlways(key, body, size, conditions);
      return true;
    } catch (error) {
      if (errorNumber(error) === BAD_DIGEST) throw wrongDigest(key, error);
      throw error;
    }
  };

  return {
    async head(key) {
      const object = await headObject(key);
      return object === null ? undefined : info(object);
    },

    async get(key, range) {
      return getObject(key, range, ({ body }) => body);
    },

    async getBytes(key, range) {
      return getObject(key, range, async (object) => new Uint8Array(await object.arrayBuffer()));
    },

    async put(key, body, size, options = {}) {
      // R2 evaluates the condition only after it has received the whole body.
      if (options.ifAbsent && (await headObject(key)) !== null) return false;
      using memory = isolateMemory.lend();
      const isBuffered =
        Symbol.asyncIterator in body &&
        size <= MAX_BUFFERED &&
        (size <= ALWAYS_BUFFERED || memory.grow(size));
      const source = isBuffered ? await bufferBody(exactly(body, size, key)) : body;
      return putVerified(key, source, size, options);
    },

    async compose(key, parts, size, options = {}) {
      const joined = pipeOfParts(bucket, parts, { key, size });
      const isKnown = options.ifAbsent && (await headObject(key)) !== null;
      try {
        if (!isKnown && (await putVerified(key, joined, size, options))) return true;
        await again("verify", key, () => verifyPipe(key, joined, options));
        return false;
      } catch (error) {
        if (error instanceof MissingPartError) return undefined;
        throw error;
      }
    },

    async create(key, options = {}) {
      return multipartWriter(bucket, key, options.metadata ?? {}, clock);
    },

    async delete(...keys) {
      for (let i = 0; i < keys.length; i += KEYS_PER_DELETE) {
        const some = keys.slice(i, i + KEYS_PER_DELETE);
        await again("delete", `${some[0]}`, () => bucket.delete(some));
      }
    },

    async *list(prefix, after) {
      let page: R2Objects | undefined;
      do {
        const from = page?.truncated ? { cursor: page.cursor } : after !== undefined && { startAfter: after };
        const options: R2ListOptions = { prefix, include: ["customMetadata"], ...from };
        page = await again("list", prefix, () => bucket.list(options));
        for (const object of page.objects) yield info(object);
      } while (page.truncated);
    },
  };
}

async function putOnce(
  bucket: R2Bucket,
  key: string,
  body: ObjectBody | Pipe,
  size: number,
  options: R2PutOptions,
): Promise<R2Object | null> {
  if ("writeTo" in body) return putStream(bucket, key, body, size, options);
  if (body instanceof Uint8Array) {
    if (body.length !== size) throw new SizeMismatchError(key, size, body.length);
    return bucket.put(key, body, options);
  }
  const source = exactly(openBody(body), size, key);
  if (size === 0) {
    // An empty body has ended before its source, which may throw.
    for await (const _ of source);
    return bucket.put(key, new Uint8Array(), options);
  }
  try {
    return await putStream(bucket, key, pipeFrom(source), size, options);
  } catch (cause) {
    if (typeof body === "function" || refusalOf(cause) === undefined) throw cause;
    const reason = cause instanceof Error ? cause.message : cause;
    throw new StoreBusyError(`Cannot write "${key}", and its bytes cannot be read again: ${reason}`, {
      cause,
    });
  }
}

/** A body that can be read again. */
async function bufferBody(body: AsyncIterable<Uint8Array>): Promise<() => AsyncIterable<Uint8Array>> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return () => each(parts);
}

function info(object: R2Object): ObjectInfo {
  const { [WRITER]: _, ...metadata } = object.customMetadata ?? {};
  return { key: object.key, size: object.size, metadata, uploaded: object.uploaded.getTime() };
}
