import { blobKey, manifestKey } from "../../oci/content-key.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, requireDigest } from "../../oci/digest.ts";
import { isRepositoryName, isTag } from "../../oci/reference.ts";
import { eachAtOnce } from "../../store/at-once.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";
import { Recent } from "../../store/recent.ts";
import { Digester } from "../../streams/sha256.ts";
import { RegistryError } from "../errors.ts";
import { type ManifestContents, readManifestContents } from "../manifest-contents.ts";
import type { Page } from "../server/request.ts";
import { Catalog } from "./catalog.ts";
import { Referrers } from "./referrers.ts";
import { type MarkerFolder, repositoryKey } from "./repository-key.ts";
import { Condemned } from "./tombstones.ts";

/** Part of a list, and whether there is more. */
export interface TagList {
  tags: string[];
  more: boolean;
}

/** A manifest of a repository. */
export interface StoredManifest extends Descriptor {
  /** Digest of the manifest that it is about. */
  subject?: string;
}

/** Markers that are older are written again when they are used: their age tells what nobody needs. */
const FRESH_MS = 60 * 60 * 1000;

/** Manifests never change, and whether the repository has one is asked each time. */
const recent = new Recent<Uint8Array>();

const SHA256 = { algorithm: "sha256" } as const;

/** Tags in one answer when the client names no number. */
const DEFAULT_TAGS = 10_000;

/** Repositories that are asked for a blob when the client names none, and names that are looked at for them. */
const MAX_ASKED = 100;
const MAX_SEEN = 10_000;

export interface MountOptions {
  /** Undefined when any repository will do; the first hundred that may be pulled from are asked. */
  from: string | undefined;
  /** Whether whoever asks may pull from a repository. */
  canPull: (name: string) => boolean;
}

/**
 * One repository. Contents lie under their digests, once for all repositories; which repository has what is said
 * by small markers, whose metadata answers without another read.
 */
export class Repository {
  readonly name: string;
  readonly referrers: Referrers;
  readonly #store: ObjectStore;
  readonly #catalog: Catalog;
  readonly #condemned: Condemned;

  /** @throws RegistryError `NAME_INVALID` */
  constructor(store: ObjectStore, name: string) {
    if (!isRepositoryName(name)) throw new RegistryError("NAME_INVALID", "not a repository name", { name });
    this.name = name;
    this.referrers = new Referrers(store, name);
    this.#store = store;
    this.#catalog = new Catalog(store);
    this.#condemned = new Condemned(store);
  }

  /**
   * Stores a manifest or an index and makes it part of the repository. What it lists must be there before.
   *
   * @param digest what its digest must be, when that is known; its algorithm is used
   * @param mediaType empty when that is not known
   * @throws RegistryError `MANIFEST_INVALID`, `MANIFEST_TOO_LARGE`, `MANIFEST_BLOB_UNKNOWN`, `DIGEST_INVALID`
   */
  async putManifest(bytes: Uint8Array, mediaType: string, digest?: string): Promise<StoredManifest> {
    const contents = readManifestContents(bytes, mediaType);
    const { algorithm } = digest === undefined ? SHA256 : requireDigest(digest);
    const actual = new Digester(algorithm).update(bytes).digest();
    if (digest !== undefined && digest !== actual) {
      throw new RegistryError("DIGEST_INVALID", `the manifest has digest ${actual}`, { digest });
    }
    await this.#requireContents(contents);
    const { subject, artifactType, annotations } = contents;
    const descriptor = { mediaType: contents.mediaType, digest: actual, size: bytes.length };
    await Promise.all([
      this.#store.put(manifestKey(actual), bytes, bytes.length, { ifAbsent: true }),
      this.#catalog.add(this.name),
    ]);
    await this.#mark("_manifests", actual, { ...descriptor, ...(subject !== undefined && { subject }) });
    await this.#keepManifest(actual, bytes, contents);
    recent.set(this.#store, manifestKey(actual), bytes, bytes.length);
    if (subject === undefined) return descriptor;
    await this.referrers.add(subject, {
      ...descriptor,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations !== undefined && { annotations }),
    });
    return { ...descriptor, subject };
  }

  /** Points a tag at a manifest of the repository. @throws RegistryError `MANIFEST_INVALID`, `MANIFEST_UNKNOWN` */
  async tag(tag: string, digest: string): Promise<void> {
    if (!isTag(tag)) throw new RegistryError("MANIFEST_INVALID", "not a tag", { tag });
    const [wanted, current] = await Promise.all([
      this.resolve(digest),
      this.#store.head(this.#key("_tags", tag)),
    ]);
    // R2 takes one write a second of a key, and equal builds come in crowds.
    if (current?.metadata.digest === digest && isFresh(current)) return;
    await this.#mark("_tags", tag, wanted);
    if (!(await this.#condemned.has(this.#unlinking))) return;
    await this.#condemned.settled(this.#unlinking);
    if ((await this.#store.head(this.#key("_manifests", digest))) !== undefined) return;
    await this.#store.delete(this.#key("_tags", tag));
    await this.resolve(digest);
  }

  /** The manifest that a tag or digest names. @throws RegistryError `MANIFEST_UNKNOWN` */
  async resolve(reference: string): Promise<StoredManifest> {
    const folder = isDigest(reference) ? "_manifests" : "_tags";
    const marker = await this.#store.head(this.#key(folder, reference));
    if (marker === undefined) {
      throw new RegistryError("MANIFEST_UNKNOWN", "no such manifest in this repository", {
        name: this.name,
        reference,
      });
    }
    const { digest = "", mediaType = "", size, subject } = marker.metadata;
    return { mediaType, digest, size: Number(size), ...(subject !== undefined && { subject }) };
  }

  /** Bytes of a manifest of the repository. @throws RegistryError `MANIFEST_UNKNOWN` */
  async manifest({ digest }: Descriptor): Promise<Uint8Array> {
    const key = manifestKey(digest);
    const known = recent.get(this.#store, key);
    if (known !== undefined) return known.value;
    const bytes = await this.#store.getBytes(key);
    if (bytes !== undefined) {
      recent.set(this.#store, key, bytes, bytes.length);
      return bytes;
    }
    throw new RegistryError("MANIFEST_UNKNOWN", "the manifest is gone", { name: this.name, digest });
  }

  /**
   * Makes a stored blob part of the repository.
   *
   * @throws RegistryError `BLOB_UNKNOWN` when nobody has stored it
   */
  async linkBlob(digest: string): Promise<void> {
    const key = blobKey(digest);
    const blob = await this.#store.head(key);
    if (blob === undefined) throw new RegistryError("BLOB_UNKNOWN", "no such blob", { digest });
    const marked = { mediaType: "", digest, size: blob.size };
    const [isNew] = await Promise.all([this.#mark("_blobs", digest, marked), this.#catalog.add(this.name)]);
    const [isUnlinking, isCondemned] = await Promise.all([
      this.#condemned.has(this.#unlinking),
      isNew && this.#condemned.has(key),
    ]);
    if (isUnlinking) {
      await this.#condemned.settled(this.#unlinking);
      await this.#mark("_blobs", digest, marked);
    }
    if (!isCondemned) return;
    await this.#condemned.settled(key);
    if ((await this.#store.head(key)) !== undefined) return;
    await this.#store.delete(this.#key("_blobs", digest));
    throw new RegistryError("BLOB_UNKNOWN", "no such blob", { digest });
  }

  /** Size in bytes of a blob of the repository. @throws RegistryError `BLOB_UNKNOWN` */
  async blobSize(digest: string): Promise<number> {
    const [marker, blob] = await Promise.all([
      this.#store.head(this.#key("_blobs", digest)),
      this.#store.head(blobKey(digest)),
    ]);
    if (marker !== undefined && blob !== undefined) return blob.size;
    throw this.#noBlob(digest);
  }

  /**
   * Makes a blob of another repository part of this one.
   *
   * @returns whether it was found
   */
  async mountBlob(digest: string, { from, canPull }: MountOptions): Promise<boolean> {
    const holder = from === undefined ? await this.#findHolder(digest, canPull) : from;
    if (holder === undefined || !isRepositoryName(holder) || !canPull(holder)) return false;
    try {
      await new Repository(this.#store, holder).blobSize(digest);
      await this.linkBlob(digest);
      return true;
    } catch (error) {
      if (error instanceof RegistryError && error.fault === "BLOB_UNKNOWN") return false;
      throw error;
    }
  }

  /** Takes a blob out of the repository. @throws RegistryError `BLOB_UNKNOWN` */
  async deleteBlob(digest: string): Promise<void> {
    const key = this.#key("_blobs", digest);
    if ((await this.#store.head(key)) === undefined) throw this.#noBlob(digest);
    await this.#store.delete(key);
  }

  /** Takes a tag away; the manifest stays. @throws RegistryError `MANIFEST_UNKNOWN` */
  async deleteTag(tag: string): Promise<void> {
    await this.resolve(tag);
    await this.#store.delete(this.#key("_tags", tag));
  }

  /** Takes a manifest out of the repository, and every tag of it. @throws RegistryError `MANIFEST_UNKNOWN` */
  async deleteManifest(digest: string): Promise<void> {
    const { subject } = await this.resolve(digest);
    if (subject !== undefined) await this.referrers.remove(subject, digest);
    // Before its tags: a new tag is refused from here on.
    await this.#store.delete(this.#key("_manifests", digest));
    const tags: string[] = [];
    for await (const { key, metadata } of this.#store.list(this.#key("_tags", ""))) {
      if (metadata.digest === digest) tags.push(key);
    }
    await eachAtOnce(tags, async (key) => {
      // It may have been moved since.
      if ((await this.#store.head(key))?.metadata.digest === digest) await this.#store.delete(key);
    });
  }

  /** Tags in byte order. @throws RegistryError `NAME_UNKNOWN` when nothing was ever put here */
  async tags({ n = DEFAULT_TAGS, last = "" }: Page = {}): Promise<TagList> {
    const prefix = this.#key("_tags", "");
    const tags: string[] = [];
    const most = Math.min(n, DEFAULT_TAGS);
    if (most > 0) {
      for await (const { key } of this.#store.list(prefix, last === "" ? undefined : prefix + last)) {
        if (tags.length === most) return { tags, more: true };
        tags.push(key.slice(prefix.length));
      }
    }
    if (tags.length === 0 && !(await this.exists())) {
      throw new RegistryError("NAME_UNKNOWN", "no such repository", { name: this.name });
    }
    return { tags, more: false };
  }

  /** Whether anything was ever put here. */
  async exists(): Promise<boolean> {
    return this.#catalog.has(this.name);
  }

  async #findHolder(digest: string, canPull: (name: string) => boolean): Promise<string | undefined> {
    let asked = 0;
    let seen = 0;
    for await (const name of this.#catalog.names()) {
      seen += 1;
      if (seen > MAX_SEEN) return undefined;
      if (!canPull(name)) continue;
      if ((await this.#store.head(repositoryKey(name, "_blobs", digest))) !== undefined) return name;
      asked += 1;
      if (asked === MAX_ASKED) return undefined;
    }
    return undefined;
  }

  async #requireContents({ blobs, manifests }: ManifestContents): Promise<void> {
    await this.#requireListed("_blobs", blobs);
    await this.#requireListed("_manifests", manifests);
  }

  async #requireListed(folder: MarkerFolder, descriptors: readonly Descriptor[]): Promise<void> {
    const different = new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor]));
    await eachAtOnce(different.values(), async ({ digest, size }) => {
      const marker = await this.#store.head(this.#key(folder, digest));
      if (marker === undefined) {
        throw new RegistryError("MANIFEST_BLOB_UNKNOWN", "the manifest lists what is not here", { digest });
      }
      if (marker.metadata.size !== String(size)) {
        const detail = { digest, stated: String(size), actual: marker.metadata.size ?? "" };
        throw new RegistryError("MANIFEST_INVALID", "the manifest states a wrong size", detail);
      }
    });
  }

  /** Says that the repository has something; again, when that was long ago. False: it was said lately. */
  async #mark(folder: MarkerFolder, item: string, marked: StoredManifest): Promise<boolean> {
    const { digest, mediaType, size, subject } = marked;
    const metadata = { digest, mediaType, size: String(size), ...(subject !== undefined && { subject }) };
    const key = this.#key(folder, item);
    // Only tags ever change.
    if (folder !== "_tags" && isFresh(await this.#store.head(key))) return false;
    await this.#store.put(key, new Uint8Array(), 0, { metadata });
    return true;
  }

  /**
   * Makes sure that nothing of a manifest that is part of the repository now was just being removed.
   * @throws RegistryError `MANIFEST_BLOB_UNKNOWN`
   */
  async #keepManifest(digest: string, bytes: Uint8Array, contents: ManifestContents): Promise<void> {
    const key = manifestKey(digest);
    const [isUnlinking, isCondemned] = await Promise.all([
      this.#condemned.has(this.#unlinking),
      this.#condemned.has(key),
    ]);
    if (isCondemned) {
      await this.#condemned.settled(key);
      await this.#store.put(key, bytes, bytes.length, { ifAbsent: true });
    }
    if (!isUnlinking) return;
    await this.#condemned.settled(this.#unlinking);
    try {
      await this.#requireContents(contents);
    } catch (error) {
      await this.#store.delete(this.#key("_manifests", digest));
      throw error;
    }
  }

  /** What is condemned while items of the repository are removed. */
  get #unlinking(): string {
    return unlinkingKey(this.name);
  }

  #noBlob(digest: string): RegistryError {
    return new RegistryError("BLOB_UNKNOWN", "no such blob in this repository", { name: this.name, digest });
  }

  #key(folder: MarkerFolder, item: string): string {
    return repositoryKey(this.name, folder, item);
  }
}

/** What is condemned while items of a repository are removed because nothing refers to them. */
export function unlinkingKey(name: string): string {
  return `repos/${name}/`;
}

function isFresh(marker: ObjectInfo | undefined): boolean {
  return marker !== undefined && Date.now() - marker.uploaded < FRESH_MS;
}
