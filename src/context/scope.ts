import type { ObjectStore } from "../store/object-store.ts";
import type { Context } from "./context.ts";
import { type PackHeader, readPackHeader } from "./pack-header.ts";
import { openContext, saveContext } from "./store.ts";
import type { VerifiedPack } from "./verify-pack.ts";

const NOTHING = new Uint8Array(0);
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The contexts and packs that belong to one scope, by name. Their bytes lie under content addresses, once for all
 * scopes; a scope knows those that came through it, so that nobody finds out what others have.
 */
export class ContextScope {
  readonly #store: ObjectStore;
  readonly #name: string;

  constructor(store: ObjectStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  async hasContext(digest: string): Promise<boolean> {
    const key = this.#key("contexts", digest);
    const marker = await this.#store.head(key);
    // Its age tells whether anybody still needs it.
    if (marker !== undefined && Date.now() - marker.uploaded > DAY_MS) await this.#store.put(key, NOTHING, 0);
    return marker !== undefined;
  }

  async openContext(digest: string): Promise<Context | undefined> {
    return (await this.hasContext(digest)) ? openContext(this.#store, digest) : undefined;
  }

  /** Stores a context, whose packs are stored already. */
  async saveContext(context: Context): Promise<void> {
    const { digest } = context;
    await saveContext(this.#store, context);
    await this.#store.put(this.#key("contexts", digest), NOTHING, 0);
    await this.#store.delete(this.#key("listings", digest));
  }

  /** A listing some of whose files are still to come. */
  openListing(digest: string): Promise<Context | undefined> {
    return openContext(this.#store, digest, this.#key("listings", digest));
  }

  async saveListing(listing: Context): Promise<void> {
    await saveContext(this.#store, listing, this.#key("listings", listing.digest));
  }

  async hasPack(digest: string): Promise<boolean> {
    return (await this.#store.head(this.#key("packs", digest))) !== undefined;
  }

  /** Takes a pack in that was verified and is stored. Its header is kept with the scope: see `openPack`. */
  async addPack(digest: string, { headerBytes }: VerifiedPack): Promise<void> {
    await this.#store.put(this.#key("packs", digest), headerBytes, headerBytes.length);
  }

  /** What is in a pack; undefined when it did not come through this scope. */
  async openPack(digest: string): Promise<PackHeader | undefined> {
    const bytes = await this.#store.getBytes(this.#key("packs", digest));
    return bytes && readPackHeader(bytes, digest);
  }

  #key(folder: string, digest: string): string {
    return `scopes/${this.#name}/${folder}/${digest.slice(digest.indexOf(":") + 1)}`;
  }
}
