import type { Fetch } from "../../network/checked-fetch.ts";
import { NetworkPolicyError } from "../../network/network-policy.ts";
import { chunks } from "../../streams/chunks.ts";
import { BuildError } from "../errors.ts";
import { maskedUrl } from "../url-credentials.ts";

/** How what is not in the context is reached. */
export interface RemoteAccess {
  /** Refuses addresses that may not be asked and follows redirects. */
  fetch: Fetch;
  /** Value of the Authorization header for this URL, instead of a user name and password in it. */
  authorization?: ((url: URL) => string | undefined) | undefined;
  signal?: AbortSignal | undefined;
}

/** Sends a request. Throws `BuildError` when no answer comes, and the signal's reason when it was aborted. */
export async function reach(access: RemoteAccess, url: string, init: RequestInit): Promise<Response> {
  const { fetch, signal } = access;
  try {
    return await fetch(url, { ...init, ...(signal && { signal }) });
  } catch (error) {
    throw failure(url, error, access);
  }
}

/** The body of an answer. Throws as `reach` does when it breaks off. */
export async function* bodyOf(
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
  return new BuildError("download-failed", `Cannot download ${maskedUrl(url)}: ${reason}`, {
    cause: error,
  });
}

/** Node's `fetch` hides what happened in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
