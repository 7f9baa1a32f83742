/** Attempts before the error is thrown. */
const TRIES = 4;
/** Milliseconds before the second attempt; doubled for each further one. */
const PAUSE = 300;

/** Loads a part of the page and retries after a failure, because the network can change while the page is open. */
export async function withRetries<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await load();
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (tries - 1)));
    }
  }
}
