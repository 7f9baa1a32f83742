import { eachAtOnce } from "../store/at-once.ts";
import { deleteMarkers, putMarkerObject } from "../store/back-references.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Context } from "./context.ts";
import { packKey } from "./pack.ts";
import { type PackHeader, readPackHeader } from "./pack-header.ts";
import { contextKey, openContext, saveContext } from "./store.ts";
import type { VerifiedPack } from "./verify-pack.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The contexts and packs of one scope, by name. Their bytes are stored once for all scopes, under content addresses; a
 * scope has access only to what was uploaded through it, so that no client can find out what others have stored.
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
    // Garbage collection decides by the age of the marker.
    if (marker !== undefined && Date.now() - marker.uploaded > DAY_MS)
      await putMarkerObject(this.#store, key);
    return marker !== undefined;
  }

  async openContext(digest: string): Promise<Context | undefined> {
    return (await this.hasContext(digest)) ? openContext(this.#store, digest) : undefined;
  }

  /**
   * Deletes a context if one of its packs no longer exists, so that clients send its files again.
   * @returns whether it was deleted
   */
  async forgetIncomplete(digest: string): Promise<boolean> {
    const context = await this.openContext(digest);
    if (context === undefined) return false;
    let isComplete = true;
    await eachAtOnce(context.packs, async (pack) => {
      if (pack === undefined || !isComplete) return;
      if ((await this.#store.head(packKey(pack.digest))) === undefined) isComplete = false;
    });
    if (isComplete) return false;
    await deleteMarkers(this.#store, this.#key("contexts", digest));
    await this.#store.delete(contextKey(digest));
    return true;
  }

  /** Stores a context whose packs are already stored. */
  async saveContext(context: Context): Promise<void> {
    const { digest } = context;
    await saveContext(this.#store, context);
    await putMarkerObject(this.#store, this.#key("contexts", digest));
    await this.#store.delete(this.#key("listings", digest));
  }

  /** Opens a listing of which some files are still missing. */
  openListing(digest: string): Promise<Context | undefined> {
    return openContext(this.#store, digest, this.#key("listings", digest));
  }

  async saveListing(listing: Context): Promise<void> {
    await saveContext(this.#store, listing, this.#key("listings", listing.digest));
  }

  async hasPack(digest: string): Promise<boolean> {
    return (await this.#store.head(this.#key("packs", digest))) !== undefined;
  }

  /** Adds a verified and stored pack. Its header is stored with the scope: see `openPack`. */
  async addPack(digest: string, { headerBytes }: VerifiedPack): Promise<void> {
    await putMarkerObject(this.#store, this.#key("packs", digest), headerBytes, headerBytes.length);
  }

  /** The header of a pack; undefined when it was not uploaded through this scope. */
  async openPack(digest: string): Promise<PackHeader | undefined> {
    const bytes = await this.#store.getBytes(this.#key("packs", digest));
    return bytes && readPackHeader(bytes, digest);
  }

  #key(folder: string, digest: string): string {
    return `scopes/${this.#name}/${folder}/${digest.slice(digest.indexOf(":") + 1)}`;
  }
}
