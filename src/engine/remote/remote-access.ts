import type { Fetch } from "../../network/checked-fetch.ts";
import { NetworkPolicyError } from "../../network/network-policy.ts";
import { chunks } from "../../streams/chunks.ts";
import { BuildError } from "../errors.ts";
import { maskUrl } from "../url-credentials.ts";

/** Access to remote sources. */
export interface RemoteAccess {
  /** Rejects forbidden addresses and follows redirects. */
  fetch: Fetch;
  /** Returns the Authorization header for a URL that contains no credentials. */
  authorization?: ((url: URL) => string | undefined) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Sends a request.
 * @throws {BuildError} when there is no response
 * @throws the reason of the signal when it aborts
 */
export async function fetchRemote(access: RemoteAccess, url: string, init: RequestInit): Promise<Response> {
  const { fetch, signal } = access;
  try {
    return await fetch(url, { ...init, ...(signal && { signal }) });
  } catch (error) {
    throw failure(url, error, access);
  }
}

/** The body of a response. When it ends early, throws the same errors as `fetchRemote`. */
export async function* readDownload(
  access: RemoteAccess,
  url: string,
  response: Response,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  try {
    yield* chunks(response.body);
  } catch (error) {
    throw failure(url, error, access);
  }
}

function failure(url: string, error: unknown, { signal }: RemoteAccess): unknown {
  if (signal?.aborted || error instanceof BuildError) return error;
  const reason =
    error instanceof NetworkPolicyError ? error.message : `the network failed: ${reasonOf(error)}`;
  return new BuildError("download-failed", `Cannot download ${maskUrl(url)}: ${reason}`, {
    cause: error,
  });
}

/** Node's `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
