/** Times that something is tried before giving up. */
const TRIES = 4;
/** Milliseconds before the second try; doubled each time. */
const PAUSE = 300;

/** Loads a part of the page, again when that failed on its way: networks change while one looks at a page. */
export async function persistently<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await load();
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (tries - 1)));
    }
  }
}
