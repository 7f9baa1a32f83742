import { SizeMismatchError } from "../streams/verify.ts";
import { exactly } from "./exactly.ts";
import {
  BrokenBodyError,
  type ByteRange,
  DigestMismatchError,
  type ObjectInfo,
  type ObjectStore,
  openBody,
  type PutOptions,
  StoreFullError,
} from "./object-store.ts";
import { heldBodyOf, noteFile } from "./references.ts";

// The protocol of the object server:
//
// GET, HEAD /objects?key=…     Reads an object. GET accepts Range. For an object that is a file, GET returns the file's name
//                              instead of bytes, and the runtime reads the file.
// PUT  /objects?key=…&size=…   Stores an object. Further parameters: `sha256`, `sha512`, `ifAbsent`. `most=<limit>` instead of
//                              `size` stores a body of unknown length. `body=<id>` stores the body that the HTTP front has
//                              under this id. `upload=<id>` starts an object that appears with `/complete`, because the
//                              runtime ends an interrupted body like a complete one.
// POST /complete?upload=…      Makes the object of an upload visible.
// POST /drop?upload=…          Discards an upload.
// GET  /body?id=…              Reads a body that the HTTP front has.
// POST /digest                 Hashes a body, or with `body=<id>` one of the front, without storing it.
// POST /compose?key=…&size=…   Joins objects. The body is a JSON list of their keys.
// POST /delete                 Removes objects. The body is a JSON list of their keys.
// GET  /list?prefix=…&after=…  Returns a page of object infos.

/** An object's metadata, as percent-encoded JSON. */
export const METADATA_HEADER = "x-metadata";
/** Time of an object's upload, in milliseconds since 1970. */
export const UPLOADED_HEADER = "x-uploaded";
/** Name of the file with the bytes of an object. */
export const FILE_HEADER = "x-file";
/** Number of requested or received bytes. */
export const SIZE_HEADER = "x-size";
/** Objects per page of `/list`. A page with fewer is the last one. */
export const LIST_PAGE = 1000;

/** Statuses of rejected puts. The body of the response is the reason. */
export const refusalStatuses = { exists: 412, digest: 422, size: 400, full: 507 } as const;

/** A placeholder: the binding has the address of the server. */
const ORIGIN = "http://objects";

const EXPECTED_STATUSES = new Set<number>([404, 416, refusalStatuses.exists]);

/** A binding or another object with `fetch`. */
export interface Fetcher {
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

/** Attempts to read a file. A file has a new name after its object was replaced. */
const TRIES = 3;

/**
 * Objects in a server next to the runtime, accessed over HTTP.
 * @param files workerd's disk service for the folder of their files
 */
export function remoteStore(server: Fetcher, files: Fetcher): ObjectStore {
  const request = async (url: URL, init?: RequestInit): Promise<Response> =>
    throwIfFailed(await server.fetch(url.href, init), url, init);

  const throwIfFailed = async (answer: Response, url: URL, init?: RequestInit): Promise<Response> => {
    if (answer.ok || EXPECTED_STATUSES.has(answer.status)) return answer;
    const reason = await answer.text();
    if (answer.status === refusalStatuses.digest) throw new DigestMismatchError(reason);
    if (answer.status === refusalStatuses.full) throw new StoreFullError(reason);
    throw new Error(
      `${init?.method ?? "GET"} ${url.pathname} failed at the object server: ${answer.status} ${reason}`,
    );
  };

  const get = async (key: string, range?: ByteRange): Promise<Response | undefined> => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await request(at(key), requestOf(range));
      const name = answer.headers.get(FILE_HEADER);
      if (answer.ok && name === null) return answer;
      await answer.body?.cancel();
      if (answer.status === 404) return undefined;
      if (name === null) {
        throw new RangeError(`Cannot read "${key}" from byte ${range?.offset}: it is shorter`);
      }
      const length = Number(answer.headers.get(SIZE_HEADER));
      const part = await files.fetch(`${ORIGIN}/${name}`, requestOf(range && { ...range, length }));
      if (part.ok && Number(part.headers.get("content-length")) === length) {
        if (part.body !== null) noteFile(part.body, { name, offset: range?.offset ?? 0, length });
        return part;
      }
      await part.body?.cancel();
      if (part.status !== 404) throw new Error(`Cannot read "${key}": the size of its file changed`);
    }
    throw new Error(`Cannot read "${key}": its file is missing`);
  };

  const put = async (url: URL, body: BodyInit, metadata?: Record<string, string>): Promise<boolean> => {
    const answer = await request(url, { method: "PUT", body, headers: headersOf(metadata) });
    await answer.body?.cancel();
    return answer.ok;
  };

  return {
    async head(key) {
      const answer = await request(at(key), { method: "HEAD" });
      if (!answer.ok) return undefined;
      const size = Number(answer.headers.get("content-length"));
      const uploaded = Number(answer.headers.get(UPLOADED_HEADER));
      return { key, size, metadata: parseMetadata(answer.headers.get(METADATA_HEADER)), uploaded };
    },

    async get(key, range) {
      return (await get(key, range))?.body ?? undefined;
    },

    async getBytes(key, range) {
      const answer = await get(key, range);
      return answer && new Uint8Array(await answer.arrayBuffer());
    },

    async put(key, body, size, { metadata, ...options } = {}) {
      const url = at(key, { size: String(size), ...queryOf(options) });
      if (body instanceof Uint8Array) {
        if (body.length !== size) throw new SizeMismatchError(key, size, body.length);
        return put(url, body, metadata);
      }
      const source = exactly(openBody(body), size, key);
      if (size === 0) {
        // An empty body has ended before its source, which may throw.
        for await (const _ of source);
        return put(url, new Uint8Array(), metadata);
      }
      const { readable, writable } = new FixedLengthStream(size);
      const [sent, stored] = await Promise.allSettled([pump(source, writable), put(url, readable, metadata)]);
      const failures = [sent, stored].flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
      if (stored.status === "fulfilled" && failures.length === 0) return stored.value;
      await source.return();
      // An error from the server is the cause of the other one.
      const isFromServer = (reason: unknown) =>
        reason instanceof DigestMismatchError || reason instanceof StoreFullError;
      throw failures.find(isFromServer) ?? failures[0];
    },

    async create(key, { metadata } = {}) {
      const upload = crypto.randomUUID();
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const sent = put(at(key, { upload }), readable, metadata);
      let isRejected = false;
      // `await sent` throws the error later. The writer must stop now.
      sent.catch((error) => {
        isRejected = true;
        writer.abort(error).catch(() => {});
      });
      const end = async (action: "complete" | "drop") => {
        await writer.close();
        await sent;
        const url = new URL(`/${action}?upload=${upload}`, ORIGIN);
        const answer = await request(url, { method: "POST" });
        await answer.body?.cancel();
        if (!answer.ok) throw new Error(`Cannot ${action} "${key}": the object server lost the upload`);
      };
      let isOver = false;
      return {
        async write(bytes) {
          if (isOver) throw new Error(`Cannot write to "${key}": it is complete or dropped`);
          try {
            await writer.write(bytes);
          } catch (error) {
            // If the server rejected the upload, throws its reason.
            await sent;
            throw error;
          }
        },
        async complete() {
          if (isOver) throw new Error(`Cannot complete "${key}": it is complete or dropped`);
          isOver = true;
          await end("complete");
        },
        async abort() {
          if (isOver) return;
          isOver = true;
          // The server has already discarded a rejected upload.
          if (!isRejected) await end("drop");
        },
      };
    },

    async receive(key, body, limit) {
      const held = heldBodyOf(body);
      const url = at(key, { most: String(limit), ...(held !== undefined && { body: held }) });
      const init = { method: "PUT", ...(held === undefined && { body }) };
      const sent = server.fetch(url.href, init).catch((cause) => {
        throw new BrokenBodyError(`Cannot store all of "${key}": its body was interrupted`, { cause });
      });
      const answer = await throwIfFailed(await sent, url, init);
      await answer.body?.cancel();
      if (answer.status === 404) throw new BrokenBodyError(`Cannot store "${key}": the client disconnected`);
      if (answer.status === 416)
        throw new RangeError(`Cannot store "${key}": it has more than ${limit} bytes`);
      return answer.ok ? Number(answer.headers.get(SIZE_HEADER)) : undefined;
    },

    async digestOf(body) {
      const held = heldBodyOf(body);
      const url = new URL("/digest", ORIGIN);
      if (held !== undefined) url.searchParams.set("body", held);
      const init = { method: "POST", ...(held === undefined && { body }) };
      const answer = await server.fetch(url.href, init).catch((cause) => {
        throw new BrokenBodyError("Cannot hash a body: it was interrupted", { cause });
      });
      if (answer.status === 404) throw new BrokenBodyError("Cannot hash a body: the client disconnected");
      return (await throwIfFailed(answer, url, init)).json();
    },

    async compose(key, parts, size, { metadata, ...options } = {}) {
      const url = at(key, { size: String(size), ...queryOf(options) }, "/compose");
      const answer = await request(url, {
        method: "POST",
        body: JSON.stringify(parts),
        headers: headersOf(metadata),
      });
      await answer.body?.cancel();
      return answer.status === 404 ? undefined : answer.ok;
    },

    async delete(...keys) {
      if (keys.length === 0) return;
      const answer = await request(new URL("/delete", ORIGIN), {
        method: "POST",
        body: JSON.stringify(keys),
      });
      await answer.body?.cancel();
    },

    async *list(prefix, after = "") {
      for (let last = after; ; ) {
        const url = new URL("/list", ORIGIN);
        url.search = new URLSearchParams({ prefix, after: last }).toString();
        const page: ObjectInfo[] = await (await request(url)).json();
        yield* page;
        if (page.length < LIST_PAGE) return;
        last = page.at(-1)?.key ?? last;
      }
    },
  };
}

function at(key: string, options: Record<string, string> = {}, path = "/objects"): URL {
  const url = new URL(path, ORIGIN);
  url.search = new URLSearchParams({ key, ...options }).toString();
  return url;
}

function queryOf({ sha256, sha512, ifAbsent }: PutOptions): Record<string, string> {
  return {
    ...(sha256 !== undefined && { sha256 }),
    ...(sha512 !== undefined && { sha512 }),
    ...(ifAbsent && { ifAbsent: "1" }),
  };
}

function headersOf(metadata: Record<string, string> = {}): Record<string, string> {
  return { [METADATA_HEADER]: encodeURIComponent(JSON.stringify(metadata)) };
}

/** Writes a source until its end or until the target fails. The rest of the source can still be read. */
async function pump(source: AsyncIterator<Uint8Array>, target: WritableStream<Uint8Array>): Promise<void> {
  const writer = target.getWriter();
  let isOpen = true;
  const stop = () => {
    isOpen = false;
  };
  try {
    while (isOpen) {
      const { value, done } = await source.next();
      if (done) break;
      await writer.write(value).catch(stop);
    }
    await writer.close().catch(stop);
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

function requestOf(range: ByteRange | undefined): RequestInit | undefined {
  if (range === undefined) return undefined;
  const { offset, length } = range;
  return { headers: { range: `bytes=${offset}-${length === undefined ? "" : offset + length - 1}` } };
}

function parseMetadata(header: string | null): Record<string, string> {
  return header === null ? {} : JSON.parse(decodeURIComponent(header));
}
