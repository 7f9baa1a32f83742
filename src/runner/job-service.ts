import { setTimeout as sleep } from "node:timers/promises";
import { readable } from "../streams/readable.ts";
import { JobError } from "./job-error.ts";

/** The server could not take or give the bytes of a job. */
class TransferError extends Error {
  override name = "TransferError";
  readonly isLasting: boolean;

  constructor(message: string, isLasting: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isLasting = isLasting;
  }
}

export interface JobRef {
  id: string;
  token: string;
}

type Archive = AsyncIterable<Uint8Array>;

/** Waits between attempts: a server that starts again is back after some seconds. */
const WAITS_MS = [250, 1000, 4000, 8000];

/** The bytes of jobs: layers from the server, diffs to it. */
export class JobService {
  readonly #server: URL;

  constructor(server: URL) {
    this.#server = server;
  }

  /** A layer that the job names. */
  async blob({ id, token }: JobRef, digest: string, signal: AbortSignal): Promise<Archive> {
    const doing = `Cannot fetch layer ${digest}`;
    return this.#persist(doing, signal, async () => {
      const response = await fetch(this.#url(id, `blobs/${encodeURIComponent(digest)}`), {
        headers: { authorization: `Bearer ${token}` },
        signal,
      });
      if (!response.ok || response.body === null) throw await refused(doing, response);
      return response.body as unknown as Archive;
    });
  }

  /** Puts what `make` archives; it is asked again for each attempt. */
  async putDiff(
    { id, token }: JobRef,
    signal: AbortSignal,
    make: (take: (archive: Archive) => Promise<void>, compress: boolean) => Promise<void>,
  ): Promise<void> {
    const doing = "Cannot put the result";
    await this.#persist(doing, signal, () =>
      make(async (archive) => {
        const response = await fetch(this.#url(id, "diff"), {
          method: "PUT",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/x-tar" },
          body: readable(archive),
          duplex: "half",
          signal,
        } as RequestInit);
        if (!response.ok) throw await refused(doing, response);
        await response.body?.cancel();
      }, !this.#isNear),
    );
  }

  /** On the same machine, compressing costs more than it saves. */
  get #isNear(): boolean {
    return ["localhost", "127.0.0.1", "[::1]"].includes(this.#server.hostname);
  }

  #url(id: string, rest: string): string {
    return new URL(`/v1/jobs/${encodeURIComponent(id)}/${rest}`, this.#server).href;
  }

  async #persist<T>(doing: string, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    for (const wait of WAITS_MS) {
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        // fetch() tells of connections that fail by a TypeError.
        const mayPass = error instanceof TransferError ? !error.isLasting : error instanceof TypeError;
        if (!mayPass) throw error;
      }
      await sleep(wait, undefined, { signal });
    }
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TypeError)) throw error;
      throw new JobError(
        "internal",
        `${doing}: ${error.cause instanceof Error ? error.cause.message : error.message}`,
      );
    }
  }
}

async function refused(doing: string, response: Response): Promise<TransferError> {
  const text = (await response.text()).slice(0, 500);
  const isLasting = response.status < 500 && response.status !== 429;
  return new TransferError(`${doing}: the server answered ${response.status} ${text}`, isLasting);
}
