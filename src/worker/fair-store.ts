import type { ObjectStore } from "../store/object-store.ts";

/** How long a build may go on without letting others have a turn. */
const turnMilliseconds = 50;

/**
 * A store that lets others have a turn. The embedded runtime has one thread, and looks at its sockets only when
 * nothing else can go on: a build that talks to nobody but the embedded store would let no request in and no event
 * out until its end.
 */
export function fairStore(store: ObjectStore): ObjectStore {
  return {
    ...store,
    async get(key, range) {
      await giveTurn();
      return store.get(key, range);
    },
    async getBytes(key, range) {
      await giveTurn();
      return store.getBytes(key, range);
    },
    put: (key, body, size, options) =>
      store.put(key, body instanceof Uint8Array ? body : withTurns(body), size, options),
  };
}

let last = Date.now();

async function giveTurn(): Promise<void> {
  if (Date.now() - last < turnMilliseconds) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  last = Date.now();
}

async function* withTurns(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    await giveTurn();
    yield chunk;
  }
}
