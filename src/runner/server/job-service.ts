import type { JobTree, LastLayer } from "../../../schemas/runner.ts";
import { contextView } from "../../context/context-view.ts";
import type { Pack } from "../../context/pack.ts";
import { packReader } from "../../context/pack-reader.ts";
import { contextKey, openContext } from "../../context/store.ts";
import { openLayer } from "../../layers/toc.ts";
import { isLoopbackHost } from "../../network/network-policy.ts";
import { blobKey } from "../../oci/content-key.ts";
import type { EntryTable } from "../../rootfs/entry-table.ts";
import type { Tree } from "../../rootfs/tree.ts";
import type { ByteRange, ObjectStore } from "../../store/object-store.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { keepRecent } from "../../streams/keep-recent.ts";
import { readable } from "../../streams/readable.ts";
import { JobError } from "../job-error.ts";
import { blocksInPool } from "../tasks/zlib-pool.ts";
import { TransferError, transferError } from "./transfer-error.ts";
import { waitToRetry, withTransferRetries } from "./transfer-retries.ts";
import { UPLOAD_PART, uploadParts, watchStall } from "./upload-parts.ts";

export interface JobRef {
  id: string;
  token: string;
}

/** Reads bytes from an offset to the end. May be called more than once. */
type ReadFrom = (offset: number) => AsyncIterable<Uint8Array>;

type JobContext = Extract<JobTree, { context: string }>;

/** Uploads of one layer: an interruption may spoil one, for example when the server stored it and could not say so. */
const MAX_UPLOADS = 3;
/** Statuses of a spoiled upload: other bytes than the digest says, no such upload, a part at the wrong place. */
const SPOILED: ReadonlySet<number> = new Set([400, 404, 416]);
/** Milliseconds for the upload of a table of contents: fetch() waits without end for a connection that accepts nothing. */
const TOC_MS = 10 * 60_000;
/** Contexts whose entries are cached. */
const MAX_CONTEXTS = 16;

/** Transfers the bytes of jobs: stored objects from the server, layers to it. */
export class JobService {
  readonly #server: URL;
  readonly #contexts = new Map<string, { tree: EntryTable; packs: readonly (Pack | undefined)[] }>();

  constructor(server: URL) {
    this.#server = server;
  }

  /** A layer that the job reads. */
  async blob(job: JobRef, digest: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const bytes = await this.#object(job, blobKey(digest), signal);
    if (bytes !== undefined) return bytes;
    throw new JobError("internal", `Cannot fetch layer ${digest}: the server does not have it`);
  }

  /** A context that the job reads. Contents are fetched when they are read. */
  async context(
    job: JobRef,
    { context: digest, copy, ...selection }: JobContext,
    signal: AbortSignal,
  ): Promise<Tree> {
    const store = this.#store(job, signal);
    // Each copy has other packs, and the job may read only those of its own.
    const key = copy ?? contextKey(digest);
    const known = this.#contexts.get(key) ?? (await openContext(store, digest, key));
    if (known === undefined)
      throw new JobError("internal", `Cannot fetch context ${digest}: the server no longer has it`);
    const { tree, packs } = known;
    keepRecent(this.#contexts, key, { tree: tree.withContents(), packs }, MAX_CONTEXTS);
    return contextView(tree.withContents(packReader(store, packs, blocksInPool)), selection);
  }

  /** The entries of a layer that the job reads; undefined when they are not stored. */
  async entries(
    job: JobRef,
    { digest, toc }: LastLayer,
    signal: AbortSignal,
  ): Promise<EntryTable | undefined> {
    return (await openLayer(this.#store(job, signal), digest, toc))?.tree;
  }

  /**
   * Uploads the layer that the job wrote, in parts, and its table of contents.
   * @param size bytes of the layer
   */
  async putLayer(
    job: JobRef,
    { digest, size, toc }: { digest: string; size: number; toc: Uint8Array },
    read: ReadFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const doing = `Cannot upload layer ${digest}`;
    for (let uploads = 1; ; uploads++) {
      try {
        await this.#uploadLayer(doing, job, digest, size, read, signal);
        break;
      } catch (error) {
        const isSpoiled = error instanceof TransferError && SPOILED.has(error.status);
        if (!isSpoiled || uploads === MAX_UPLOADS) throw error;
      }
    }
    const body = toc as Uint8Array<ArrayBuffer>;
    await withTransferRetries(doing, signal, () => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TOC_MS)]);
      return this.#request(doing, job, `tocs/${digest}`, { method: "PUT", body, signal: limited });
    });
  }

  async #uploadLayer(
    doing: string,
    job: JobRef,
    digest: string,
    size: number,
    read: ReadFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const { upload } = await withTransferRetries(doing, signal, async () => {
      const started = await this.#request(doing, job, "layers", { method: "POST", signal });
      return (await started.json()) as { upload: string };
    });
    const path = `layers/${upload}`;
    const sendPart = (offset: number, length: number) => {
      let isRepeated = false;
      return withTransferRetries(doing, signal, async () => {
        // The server has the start of an interrupted part, which is not sent again.
        const known = isRepeated ? await this.#sentBytes(doing, job, path, signal) : offset;
        isRepeated = true;
        if (known > offset) return known;
        return this.#sendPart(doing, job, `${path}?offset=${offset}`, head(read(offset), length), signal);
      });
    };
    // No proxy limits the size of a request to this machine.
    await uploadParts({ size, part: isLoopbackHost(this.#server.host) ? size : UPLOAD_PART, send: sendPart });
    await withTransferRetries(doing, signal, () =>
      this.#request(doing, job, `${path}?digest=${digest}`, { method: "PUT", signal }),
    );
  }

  /** Number of bytes of an upload that the server has. */
  async #sentBytes(doing: string, job: JobRef, path: string, signal: AbortSignal): Promise<number> {
    const response = await this.#request(doing, job, path, { method: "PATCH", signal });
    return ((await response.json()) as { size: number }).size;
  }

  /** @returns the bytes of the upload that the server has */
  async #sendPart(
    doing: string,
    job: JobRef,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<number> {
    const stall = new AbortController();
    const stalled = () => stall.abort(new TypeError("the connection accepts no bytes"));
    const body = readable(watchStall(bytes, stalled));
    const either = AbortSignal.any([signal, stall.signal]);
    const request = { method: "PATCH", body, duplex: "half", signal: either };
    const response = await this.#request(doing, job, path, request as RequestInit);
    return ((await response.json()) as { size: number }).size;
  }

  /** The objects that a job may read. */
  #store(job: JobRef, signal: AbortSignal): ObjectStore {
    const unsupported = async (): Promise<never> => {
      throw new Error("A job does not write objects");
    };
    const getBytes = async (key: string, range?: ByteRange) => {
      const bytes = await this.#object(job, key, signal, range);
      return bytes && collect(bytes, Number.POSITIVE_INFINITY);
    };
    const get = async (key: string, range?: ByteRange) => {
      const bytes = await this.#object(job, key, signal, range);
      return bytes && readable(bytes);
    };
    return {
      getBytes,
      get,
      head: async () => undefined,
      put: unsupported,
      create: unsupported,
      delete: unsupported,
      list: async function* () {},
    };
  }

  /** The bytes of a stored object; undefined when it does not exist. */
  async #object(
    job: JobRef,
    key: string,
    signal: AbortSignal,
    range: ByteRange = { offset: 0 },
  ): Promise<AsyncGenerator<Uint8Array> | undefined> {
    const opened = await this.#open(job, key, signal, range);
    return opened && this.#read(job, key, signal, range, opened);
  }

  /** Reads an object. After a lost connection it continues with the bytes that are missing. */
  async *#read(
    job: JobRef,
    key: string,
    signal: AbortSignal,
    { offset, length }: ByteRange,
    opened: Response,
  ): AsyncGenerator<Uint8Array> {
    let read = 0;
    for (let response: Response | undefined = opened, tries = 0; response?.body; tries++) {
      try {
        for await (const chunk of chunks(response.body)) {
          read += chunk.length;
          tries = 0;
          yield chunk;
        }
        return;
      } catch (error) {
        await waitToRetry(`Cannot fetch "${key}"`, error, tries, signal);
      }
      const rest = { offset: offset + read, ...(length !== undefined && { length: length - read }) };
      response = await this.#open(job, key, signal, rest);
    }
    throw new JobError("internal", `Cannot fetch "${key}": the server no longer has it`);
  }

  async #open(
    job: JobRef,
    key: string,
    signal: AbortSignal,
    range: ByteRange,
  ): Promise<Response | undefined> {
    const doing = `Cannot fetch "${key}"`;
    const isWhole = range.offset === 0 && range.length === undefined;
    const headers = !isWhole && { range: `bytes=${range.offset}-${lastOf(range)}` };
    return withTransferRetries(doing, signal, async () => {
      const path = `objects/${key.split("/").map(encodeURIComponent).join("/")}`;
      const response = await fetch(this.#url(job, path), {
        headers: { authorization: `Bearer ${job.token}`, ...headers },
        signal,
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw await transferError(doing, response);
      return response;
    });
  }

  async #request(doing: string, job: JobRef, path: string, request: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${job.token}`, "content-type": "application/octet-stream" };
    const response = await fetch(this.#url(job, path), { ...request, headers });
    if (!response.ok) throw await transferError(doing, response);
    return response;
  }

  #url({ id }: JobRef, path: string): string {
    return new URL(`/v1/jobs/${encodeURIComponent(id)}/${path}`, this.#server).href;
  }
}

function lastOf({ offset, length }: ByteRange): number | "" {
  return length === undefined ? "" : offset + length - 1;
}

/** The first bytes of a source. */
async function* head(source: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const chunk of source) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}
