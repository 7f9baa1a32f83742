import type { Descriptor } from "../../oci/descriptor.ts";
import { eachAtOnce } from "../../store/at-once.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";

/** Part of a list of referrers. */
export interface ReferrersPage {
  descriptors: Descriptor[];
  /** Where the next part goes on; undefined at the end. */
  next?: string;
}

/** Bounds of one answer. Clients refuse an index of more than 4 MiB. */
const MAX_DESCRIPTORS = 1000;
const MAX_BYTES = 3 * 1024 * 1024;

/**
 * The manifests of a repository that are about another one (distribution-spec, "Listing Referrers"). Each is one
 * small object under the digest of its subject, whether that is there or not: two that come at once do not meet.
 */
export class Referrers {
  readonly #store: ObjectStore;
  readonly #folder: string;

  constructor(store: ObjectStore, repository: string) {
    this.#store = store;
    this.#folder = `repos/${repository}/_referrers`;
  }

  async add(subject: string, referrer: Descriptor): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(referrer));
    await this.#store.put(this.#key(subject, referrer.digest), bytes, bytes.length, { ifAbsent: true });
  }

  async remove(subject: string, digest: string): Promise<void> {
    await this.#store.delete(this.#key(subject, digest));
  }

  /** In the order of their digests, after `last`. */
  async list(subject: string, last = ""): Promise<ReferrersPage> {
    const prefix = this.#key(subject, "");
    const page: ObjectInfo[] = [];
    let bytes = 0;
    let isWhole = true;
    for await (const object of this.#store.list(prefix, last === "" ? undefined : prefix + last)) {
      bytes += object.size;
      isWhole = page.length === 0 || (page.length < MAX_DESCRIPTORS && bytes <= MAX_BYTES);
      if (!isWhole) break;
      page.push(object);
    }
    const found = new Map<string, Descriptor>();
    await eachAtOnce(page, async ({ key }) => {
      const stored = await this.#store.getBytes(key);
      if (stored !== undefined) found.set(key, JSON.parse(new TextDecoder().decode(stored)));
    });
    const descriptors = page.flatMap(({ key }) => found.get(key) ?? []);
    return isWhole ? { descriptors } : { descriptors, next: (page.at(-1)?.key ?? "").slice(prefix.length) };
  }

  #key(subject: string, digest: string): string {
    return `${this.#folder}/${subject}/${digest}`;
  }
}
