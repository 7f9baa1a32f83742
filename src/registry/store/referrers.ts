import type { Descriptor } from "../../oci/descriptor.ts";
import { forEachConcurrently } from "../../store/for-each-concurrently.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";

/** Descriptors read concurrently. */
const BATCH = 100;

/**
 * The referrers of manifests (distribution-spec, "Listing Referrers"). Each is a small object under the digest of its
 * subject, so concurrent additions do not conflict. The subject need not exist.
 */
export class Referrers {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async add(name: string, subject: string, referrer: Descriptor): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(referrer));
    await this.#store.put(keyOf(name, subject, referrer.digest), bytes, bytes.length, { ifAbsent: true });
  }

  async remove(name: string, subject: string, digest: string): Promise<void> {
    await this.#store.delete(keyOf(name, subject, digest));
  }

  /** Ordered by digest, starting after `after`. */
  async *list(name: string, subject: string, after = ""): AsyncGenerator<Descriptor, void, undefined> {
    const prefix = keyOf(name, subject, "");
    let batch: ObjectInfo[] = [];
    for await (const object of this.#store.list(prefix, after === "" ? undefined : prefix + after)) {
      batch.push(object);
      if (batch.length < BATCH) continue;
      yield* await this.#read(batch);
      batch = [];
    }
    yield* await this.#read(batch);
  }

  async #read(objects: readonly ObjectInfo[]): Promise<Descriptor[]> {
    const found = new Map<string, Descriptor>();
    await forEachConcurrently(objects, async ({ key }) => {
      const stored = await this.#store.getBytes(key);
      if (stored !== undefined) found.set(key, JSON.parse(new TextDecoder().decode(stored)));
    });
    return objects.flatMap(({ key }) => found.get(key) ?? []);
  }
}

function keyOf(name: string, subject: string, digest: string): string {
  return `repos/${name}/_referrers/${subject}/${digest}`;
}
