import { pause } from "../../streams/pause.ts";

/** Number of attempts before a failure is reported. */
const MAX_TRIES = 4;
/** Milliseconds before the second attempt. Each further pause is twice as long, up to `MAX_PAUSE_MS`. */
const PAUSE_MS = 300;
const MAX_PAUSE_MS = 5000;

/** Loads a part of the page. Retries a few times, because the network can change while the page is open. */
export async function withRetries<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await load();
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
      await pauseAfter(tries);
    }
  }
}

/**
 * Loads a part of the page. Retries until it succeeds, because the server can be down for some time.
 * @param onFailure called once, after the first attempts have failed
 * @returns the part; undefined when the signal is aborted
 */
export async function retryUntilLoaded<T>(
  load: () => Promise<T>,
  signal: AbortSignal,
  onFailure: () => void,
): Promise<T | undefined> {
  for (let tries = 1; !signal.aborted; tries++) {
    const part = await load().catch(() => undefined);
    if (signal.aborted) break;
    if (part !== undefined) return part;
    if (tries === MAX_TRIES) onFailure();
    await pauseAfter(tries);
  }
  return undefined;
}

/** Waits before the next attempt. The pause grows with the number of attempts. */
export function pauseAfter(tries: number): Promise<void> {
  return pause(Math.min(PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS));
}
