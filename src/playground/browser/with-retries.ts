import { pause } from "../../streams/pause.ts";

/** Attempts before a failure is reported. */
const TRIES = 4;
/** Milliseconds before the second attempt; doubled for each further one, up to `MAX_PAUSE_MS`. */
const PAUSE_MS = 300;
const MAX_PAUSE_MS = 5000;

/** Loads a part of the page and retries after a failure, because the network can change while the page is open. */
export async function withRetries<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await load();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pauseAfter(tries);
    }
  }
}

/**
 * Loads a part of the page and retries until it succeeds, since the server can be away for some time.
 * @param failed called when the first attempts have failed
 * @returns the part; undefined when the signal is aborted
 */
export async function untilLoaded<T>(
  load: () => Promise<T>,
  signal: AbortSignal,
  failed: () => void,
): Promise<T | undefined> {
  for (let tries = 1; !signal.aborted; tries++) {
    const part = await load().catch(() => undefined);
    if (signal.aborted) break;
    if (part !== undefined) return part;
    if (tries === TRIES) failed();
    await pauseAfter(tries);
  }
  return undefined;
}

/** Waits before the next attempt: longer after each. */
export function pauseAfter(tries: number): Promise<void> {
  return pause(Math.min(PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS));
}
