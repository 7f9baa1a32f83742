import { vi } from "vitest";
import type { ObjectInfo, ObjectStore } from "../../src/store/object-store.ts";

/** Objects that R2 lists at once. */
const PAGE = 1000;

/** A request or a step of the collector was killed. */
export class Killed extends Error {}

/** Decides which of the processes that wait executes its next operation of the store. */
export class Turns {
  readonly #waiting: { process: string; go: () => void }[] = [];
  readonly #choices: Iterator<number>;

  constructor(choices: Iterator<number>) {
    this.#choices = choices;
  }

  /** A store whose operations wait for their turn. @param lives operations after which the process is killed */
  storeFor(process: string, store: ObjectStore, lives = Number.POSITIVE_INFINITY): ObjectStore {
    let left = lives;
    const turn = async <T>(act: () => Promise<T>): Promise<T> => {
      await new Promise<void>((go) => this.#waiting.push({ process, go }));
      left -= 1;
      if (left < 0) throw new Killed();
      return act();
    };
    return {
      head: (key) => turn(() => store.head(key)),
      get: (key, range) => turn(() => store.get(key, range)),
      getBytes: (key, range) => turn(() => store.getBytes(key, range)),
      put: (key, body, size, options) => turn(() => store.put(key, body, size, options)),
      create: (key, options) => turn(() => store.create(key, options)),
      delete: async (...keys) => {
        // R2 does not delete several keys at the same moment.
        for (const key of keys) await turn(() => store.delete(key));
      },
      async *list(prefix, after) {
        for (let last = after; ; ) {
          const from = last;
          const page = await turn(async () => {
            const objects: ObjectInfo[] = [];
            for await (const object of store.list(prefix, from)) {
              objects.push(object);
              if (objects.length === PAGE) break;
            }
            return objects;
          });
          yield* page;
          if (page.length < PAGE) return;
          last = page.at(-1)?.key;
        }
      },
    };
  }

  /** Executes operations until all processes have ended. */
  async runAll(processes: readonly Promise<unknown>[]): Promise<void> {
    let isOver = false;
    const all = Promise.all(processes).finally(() => {
      isOver = true;
    });
    all.catch(() => {});
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#waiting.length > 0) {
        const choice = this.#choices.next().value ?? 0;
        const [chosen] = this.#waiting.splice(choice % this.#waiting.length, 1);
        chosen?.go();
      } else if (!isOver) await vi.advanceTimersByTimeAsync(50);
    }
    await all;
  }
}

/** Awaits work while the fake clock advances, because long work pauses. */
export async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isOver) await vi.advanceTimersByTimeAsync(1);
  }
  return work;
}
