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

// The protocol: an object is at `/objects?key=…`, its metadata a JSON text in the header below. GET (with Range) and
// HEAD read it, but GET gives no bytes of one that is a file: it names the file, which the runtime then reads itself. PUT
// stores it (`size`, `sha256`, `sha512`, `ifAbsent` in the query), or what comes of it when the query has `most`. With
// `body=<id>` the bytes are those that the HTTP front holds under this id; GET `/body?id=…` reads them instead, and POST to
// `/digest` hashes them and stores nothing. An object that is made bit by bit is put with an `upload` id instead, and is
// there after POST to `/complete?upload=…`: the runtime ends a body that its source gives up as it ends a whole one.
// `/drop?upload=…` forgets it. POST to `/compose?key=…` takes a JSON list of the keys of the parts, `/delete` one of keys to
// remove, and GET `/list?prefix=…&after=…` gives a page of infos.

/** Holds an object's metadata, as percent-encoded JSON. */
export const METADATA_HEADER = "x-metadata";
/** When an object was put, in milliseconds since 1970. */
export const UPLOADED_HEADER = "x-uploaded";
/** The file that has the bytes of an object. */
export const FILE_HEADER = "x-file";
/** How many of them were asked for, or have come. */
export const SIZE_HEADER = "x-size";
/** Objects in an answer of `/list`; one with fewer is the last. */
export const LIST_PAGE = 1000;

/** What a server that keeps objects answers to a put that it refuses, with the reason as text. */
export const refusals = { exists: 412, digest: 422, size: 400, full: 507 } as const;

/** Where the objects are: any origin will do, the binding knows the address. */
const ORIGIN = "http://objects";

const answersToExpect = new Set<number>([404, 416, refusals.exists]);

/** As `fetch`. */
export interface Fetcher {
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

/** Times that a file is looked for: one that was replaced since its object was found has another name. */
const TRIES = 3;

/**
 * Objects kept by a program next to the runtime, asked over HTTP.
 * @param files the folder of their files, as workerd's disk service gives it
 */
export function remoteStore(server: Fetcher, files: Fetcher): ObjectStore {
  const ask = async (url: URL, init?: RequestInit): Promise<Response> =>
    judge(await server.fetch(url.href, init), url, init);

  const judge = async (answer: Response, url: URL, init?: RequestInit): Promise<Response> => {
    if (answer.ok || answersToExpect.has(answer.status)) return answer;
    const reason = await answer.text();
    if (answer.status === refusals.digest) throw new DigestMismatchError(reason);
    if (answer.status === refusals.full) throw new StoreFullError(reason);
    throw new Error(
      `${init?.method ?? "GET"} ${url.pathname} of the object server: ${answer.status} ${reason}`,
    );
  };

  const get = async (key: string, range?: ByteRange): Promise<Response | undefined> => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await ask(at(key), requestOf(range));
      const name = answer.headers.get(FILE_HEADER);
      if (answer.ok && name === null) return answer;
      await answer.body?.cancel();
      if (answer.status === 404) return undefined;
      if (name === null) {
        throw new RangeError(`Cannot read "${key}" from byte ${range?.offset}: it ends before`);
      }
      const length = Number(answer.headers.get(SIZE_HEADER));
      const part = await files.fetch(`${ORIGIN}/${name}`, requestOf(range && { ...range, length }));
      if (part.ok && Number(part.headers.get("content-length")) === length) {
        if (part.body !== null) noteFile(part.body, { name, offset: range?.offset ?? 0, length });
        return part;
      }
      await part.body?.cancel();
      if (part.status !== 404) throw new Error(`Cannot read "${key}": its file is not as long as it was`);
    }
    throw new Error(`Cannot read "${key}": its file is not there`);
  };

  const put = async (url: URL, body: BodyInit, metadata?: Record<string, string>): Promise<boolean> => {
    const answer = await ask(url, { method: "PUT", body, headers: headersOf(metadata) });
    await answer.body?.cancel();
    return answer.ok;
  };

  return {
    async head(key) {
      const answer = await ask(at(key), { method: "HEAD" });
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
      // What the server says explains what else failed.
      const isTold = (reason: unknown) =>
        reason instanceof DigestMismatchError || reason instanceof StoreFullError;
      throw failures.find(isTold) ?? failures[0];
    },

    async create(key, { metadata } = {}) {
      const upload = crypto.randomUUID();
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const sent = put(at(key, { upload }), readable, metadata);
      let isRefused = false;
      // Thrown where it is awaited; a server that refuses ends the writer's stream, too.
      sent.catch((error) => {
        isRefused = true;
        writer.abort(error).catch(() => {});
      });
      const end = async (action: "complete" | "drop") => {
        await writer.close();
        await sent;
        const url = new URL(`/${action}?upload=${upload}`, ORIGIN);
        const answer = await ask(url, { method: "POST" });
        await answer.body?.cancel();
        if (!answer.ok) throw new Error(`Cannot ${action} "${key}": the object server has lost it`);
      };
      let isOver = false;
      return {
        async write(bytes) {
          if (isOver) throw new Error(`Cannot write to "${key}": it is complete or dropped`);
          try {
            await writer.write(bytes);
          } catch (error) {
            // The server says why it takes no more.
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
          // What the server has refused it has dropped.
          if (!isRefused) await end("drop");
        },
      };
    },

    async receive(key, body, most) {
      const held = heldBodyOf(body);
      const url = at(key, { most: String(most), ...(held !== undefined && { body: held }) });
      const init = { method: "PUT", ...(held === undefined && { body }) };
      const sent = server.fetch(url.href, init).catch((cause) => {
        throw new BrokenBodyError(`Cannot store all of "${key}": its body broke off`, { cause });
      });
      const answer = await judge(await sent, url, init);
      await answer.body?.cancel();
      if (answer.status === 404) throw new BrokenBodyError(`Cannot store "${key}": its client is gone`);
      if (answer.status === 416) throw new RangeError(`Cannot store "${key}": more than ${most} bytes came`);
      return answer.ok ? Number(answer.headers.get(SIZE_HEADER)) : undefined;
    },

    async digestOf(body) {
      const held = heldBodyOf(body);
      const url = new URL("/digest", ORIGIN);
      if (held !== undefined) url.searchParams.set("body", held);
      const init = { method: "POST", ...(held === undefined && { body }) };
      const answer = await server.fetch(url.href, init).catch((cause) => {
        throw new BrokenBodyError("Cannot hash a body: it broke off", { cause });
      });
      if (answer.status === 404) throw new BrokenBodyError("Cannot hash a body: its client is gone");
      return (await judge(answer, url, init)).json();
    },

    async compose(key, parts, { metadata, ...options } = {}) {
      const url = at(key, queryOf(options), "/compose");
      const answer = await ask(url, {
        method: "POST",
        body: JSON.stringify(parts),
        headers: headersOf(metadata),
      });
      await answer.body?.cancel();
      return answer.status === 404 ? undefined : answer.ok;
    },

    async delete(...keys) {
      if (keys.length === 0) return;
      const answer = await ask(new URL("/delete", ORIGIN), { method: "POST", body: JSON.stringify(keys) });
      await answer.body?.cancel();
    },

    async *list(prefix, after = "") {
      for (let last = after; ; ) {
        const url = new URL("/list", ORIGIN);
        url.search = new URLSearchParams({ prefix, after: last }).toString();
        const page: ObjectInfo[] = await (await ask(url)).json();
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

/** Writes what a source gives, to its end or as long as it is taken: what nobody took of a source can still be read. */
async function pump(source: AsyncIterator<Uint8Array>, target: WritableStream<Uint8Array>): Promise<void> {
  const writer = target.getWriter();
  let isTaken = true;
  const refused = () => {
    isTaken = false;
  };
  try {
    while (isTaken) {
      const { value, done } = await source.next();
      if (done) break;
      await writer.write(value).catch(refused);
    }
    await writer.close().catch(refused);
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
