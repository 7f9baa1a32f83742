import { deleteMarkers, putMarkerObject, putReference } from "../store/back-references.ts";
import { forEachConcurrently } from "../store/for-each-concurrently.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Tombstones } from "../store/tombstones.ts";
import { hexOf } from "../streams/sha256.ts";
import type { Context, ContextEntries } from "./context.ts";
import { packKey } from "./pack.ts";
import { type PackHeader, readPackHeader } from "./pack-header.ts";
import { contextKey, encodeContext, openContext, openEntries, saveContext } from "./store.ts";
import type { VerifiedPack } from "./verify-pack.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The contexts and packs of one scope, by name. Their bytes are stored once for all scopes, under content addresses; a
 * scope has access only to what was uploaded through it, so that no client can find out what others have stored.
 */
export class ContextScope {
  readonly #store: ObjectStore;
  readonly #tombstones: Tombstones;
  readonly #name: string;

  constructor(store: ObjectStore, name: string) {
    this.#store = store;
    this.#tombstones = new Tombstones(store);
    this.#name = name;
  }

  hasContext(digest: string): Promise<boolean> {
    return this.#use("contexts", digest);
  }

  async openContext(digest: string): Promise<Context | undefined> {
    if (!(await this.hasContext(digest))) return undefined;
    return openContext(this.#store, digest, await this.copyOf(digest));
  }

  /**
   * Deletes a context if one of its packs no longer exists, so that clients send its files again.
   * @returns whether it was deleted
   */
  async forgetIncomplete(digest: string): Promise<boolean> {
    const context = await this.openContext(digest);
    if (context === undefined) return false;
    const missing: string[] = [];
    await forEachConcurrently(context.packs, async (pack) => {
      if (pack !== undefined && (await this.#store.head(packKey(pack.digest))) === undefined)
        missing.push(pack.digest);
    });
    if (missing.length === 0) return false;
    const key = (await this.copyOf(digest)) ?? contextKey(digest);
    await deleteMarkers(
      this.#store,
      this.#key("contexts", digest),
      ...missing.map((pack) => this.#key("packs", pack)),
    );
    await this.#store.delete(key);
    return true;
  }

  /**
   * Stores a context whose packs are already stored. Scopes share it, but each has other packs, which contain other files
   * too. So a scope that is not the first one to store it keeps its own copy, from which runners learn the packs.
   */
  async saveContext(context: Context): Promise<void> {
    const { digest } = context;
    // Stores an old marker again, which a collector may be deleting.
    await this.hasContext(digest);
    const isOwn = (await this.#store.head(this.#key("contexts", digest)))?.size === 0;
    await this.#keep("contexts", digest, async () => {
      const isShared = await saveContext(this.#store, context, contextKey(digest), { ifAbsent: !isOwn });
      return isShared ? new Uint8Array() : encodeContext(context);
    });
    await this.#store.delete(this.#key("listings", digest));
  }

  /** The key of the scope's own copy of a context; undefined when it uses the shared one. */
  async copyOf(digest: string): Promise<string | undefined> {
    const copy = this.#key("contexts", digest);
    return ((await this.#store.head(copy))?.size ?? 0) > 0 ? copy : undefined;
  }

  /** Opens a listing of which some files are still missing. */
  openListing(digest: string): Promise<Context | undefined> {
    return openContext(this.#store, digest, this.#key("listings", digest));
  }

  /** Like `openListing`, for callers that only read the entries in order: needs less memory. */
  openListingEntries(digest: string): Promise<ContextEntries | undefined> {
    return openEntries(this.#store, this.#key("listings", digest));
  }

  async saveListing(listing: Context): Promise<void> {
    await saveContext(this.#store, listing, this.#key("listings", listing.digest));
  }

  /** Whether the scope has a pack. Looks for the pack too, so that a client sends one again that was lost. */
  async hasPack(digest: string): Promise<boolean> {
    if (!(await this.#use("packs", digest))) return false;
    if ((await this.#store.head(packKey(digest))) !== undefined) return true;
    await deleteMarkers(this.#store, this.#key("packs", digest));
    return false;
  }

  /**
   * Verifies and stores a pack of `size` bytes that the scope does not have. One that another scope has stored is verified
   * too: the client must prove that it has it. The header is stored with the scope: see `openPack`.
   * @throws {PackError}
   */
  async putPack(digest: string, pack: VerifiedPack, size: number): Promise<void> {
    await this.#keep("packs", digest, async () => {
      if ((await this.#store.head(packKey(digest))) !== undefined) for await (const _ of pack);
      else await this.#store.put(packKey(digest), pack, size, { sha256: hexOf(digest) });
      return pack.headerBytes;
    });
  }

  /** The header of a pack; undefined when it was not uploaded through this scope. */
  async openPack(digest: string): Promise<PackHeader | undefined> {
    if (!(await this.#use("packs", digest))) return undefined;
    const bytes = await this.#store.getBytes(this.#key("packs", digest));
    return bytes && readPackHeader(bytes, digest);
  }

  /**
   * Stores a content, and the marker of this scope. The back-reference comes before both: a collector that decides later
   * finds it, and earlier decisions are awaited. An old marker must not exist: see `#use`.
   * @param save stores the content if it does not exist, and returns the bytes of the marker
   */
  async #keep(folder: "contexts" | "packs", digest: string, save: () => Promise<Uint8Array>): Promise<void> {
    const [content, marker] = [contentKeyOf(folder, digest), this.#key(folder, digest)];
    await this.#tombstones.waitForDecision(marker);
    await putReference(this.#store, content, marker);
    await this.#tombstones.waitForDecision(content);
    const bytes = await save();
    await this.#store.put(marker, bytes, bytes.length);
    await putReference(this.#store, content, marker);
  }

  /**
   * Whether the scope has a content. Garbage collection decides by the age of the marker, so an old one is stored again: a
   * content that a client may count on is kept for the time that unused contexts are. A collector may have listed the marker
   * when it was old, so its decision is awaited.
   */
  async #use(folder: "contexts" | "packs", digest: string): Promise<boolean> {
    const [content, marker] = [contentKeyOf(folder, digest), this.#key(folder, digest)];
    const known = await this.#store.head(marker);
    if (known === undefined || Date.now() - known.uploaded <= DAY_MS) return known !== undefined;
    const bytes = await this.#store.getBytes(marker);
    if (bytes === undefined) return false;
    await putMarkerObject(this.#store, marker, bytes, bytes.length);
    for (const key of [marker, content]) {
      await this.#tombstones.waitForDecision(key);
      if ((await this.#store.head(key)) !== undefined) continue;
      await deleteMarkers(this.#store, marker);
      return false;
    }
    return true;
  }

  #key(folder: string, digest: string): string {
    return `scopes/${this.#name}/${folder}/${hexOf(digest)}`;
  }
}

function contentKeyOf(folder: "contexts" | "packs", digest: string): string {
  return folder === "contexts" ? contextKey(digest) : packKey(digest);
}
