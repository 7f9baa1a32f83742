import type { Fetch } from "../../network/checked-fetch.ts";
import { pause } from "../../streams/pause.ts";
import { RegistryError } from "../errors.ts";
import { networkError, requestError } from "./remote-error.ts";

export interface RetryOptions {
  /** Total number of attempts. */
  tries?: number;
  /** Maximum wait for the head of a response, in milliseconds. */
  timeout?: number;
  sleep?: (milliseconds: number) => Promise<void>;
}

/** A response, and a function that aborts its body. */
export interface AbortableResponse {
  response: Response;
  abort(reason: unknown): void;
}

const RETRYABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
const FIRST_WAIT_MS = 500;
/** Give up when a server requests a longer pause. */
const MAX_WAIT_MS = 10_000;

/**
 * Wraps a `fetch` so that it retries with back-off when a server does not respond or is busy. Returns the last response
 * regardless of its status.
 * @throws {RegistryError} `NO_HOST`, `NETWORK`, `TIMEOUT`, `ADDRESS_REFUSED`
 */
export function fetchWithRetries(
  fetch: Fetch,
  options: RetryOptions = {},
): (url: string, init: RequestInit) => Promise<AbortableResponse> {
  const { tries = 3, timeout = 30_000, sleep = pause } = options;
  return async function fetchWithRetries(url, init) {
    for (let left = tries - 1; ; left--) {
      const backoff = FIRST_WAIT_MS * 2 ** (tries - 1 - left) * (1 + Math.random() / 2);
      let answer: AbortableResponse;
      try {
        answer = await fetchInTime(fetch, url, init, timeout);
      } catch (error) {
        if (left === 0 || !(error instanceof RegistryError) || error.fault !== "NETWORK") throw error;
        await sleep(backoff);
        continue;
      }
      const wait = RETRYABLE_STATUSES.has(answer.response.status)
        ? (retryAfter(answer.response) ?? backoff)
        : undefined;
      if (wait === undefined || wait > MAX_WAIT_MS || left === 0) return answer;
      await answer.response.body?.cancel();
      await sleep(wait);
    }
  };
}

async function fetchInTime(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  timeout: number,
): Promise<AbortableResponse> {
  const controller = new AbortController();
  const method = init.method ?? "GET";
  const timer = setTimeout(() => {
    controller.abort(requestError("TIMEOUT", method, url, `no response in ${timeout / 1000} s`));
  }, timeout);
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    return { response, abort: (reason) => controller.abort(reason) };
  } catch (cause) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw networkError(method, url, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Parses a Retry-After header, in seconds or as a date, to milliseconds. */
function retryAfter(response: Response): number | undefined {
  const header = response.headers.get("Retry-After");
  if (header === null) return undefined;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
