import { BuildError } from "../engine/errors.ts";
import { readImageNames } from "../engine/export.ts";
import { listImages } from "../images/list.ts";
import { isDigest } from "../oci/digest.ts";
import { isAbsent } from "../registry/errors.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { EngineError } from "./engine-error.ts";

/** An image of a repository. */
export interface FoundImage {
  name: string;
  /** Tag or digest. */
  reference: string;
  /** It was named by its id. */
  byId: boolean;
}

export interface FindOptions {
  store: ObjectStore;
  cache: CacheStore;
  canPull(name: string): boolean;
}

/** Images on a page of those that are looked through for an id. */
const PAGE = 1000;

/**
 * The image that a client of the Engine API means: `app`, `localhost:8787/team/app:1`, `app@sha256:…`, or an id or its
 * beginning. @throws EngineError 404
 */
export async function findImage(text: string, options: FindOptions): Promise<FoundImage> {
  const named = readName(text);
  if (named !== undefined && options.canPull(named.name) && (await exists(options.store, named)))
    return named;
  const byId = /^(?:sha256:)?[0-9a-f]{4,64}$/.test(text) ? await findById(text, options) : undefined;
  if (byId !== undefined) return byId;
  throw new EngineError(404, `No such image: ${text}`);
}

/** A name without its host; undefined for what is none. */
export function readName(text: string): FoundImage | undefined {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return undefined;
  try {
    const [name] = readImageNames([at < 0 ? text : text.slice(0, at)]);
    return name && { name: name.repository, reference: digest ?? name.tag, byId: false };
  } catch (error) {
    if (error instanceof BuildError) return undefined;
    throw error;
  }
}

async function exists(store: ObjectStore, { name, reference }: FoundImage): Promise<boolean> {
  try {
    await new StoreRegistry(store).resolveManifest(name, reference);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function findById(
  text: string,
  { store, cache, canPull }: FindOptions,
): Promise<FoundImage | undefined> {
  const id = text.replace(/^sha256:/, "");
  for (let last: string | undefined; ; ) {
    const page = await listImages(store, cache, { n: PAGE, last, untagged: true, isVisible: canPull });
    const found = page.images.find(({ imageId, digest }) => {
      return imageId?.startsWith(`sha256:${id}`) || digest.startsWith(`sha256:${id}`);
    });
    if (found !== undefined) return { name: found.name, reference: found.tag ?? found.digest, byId: true };
    if (page.next === undefined) return undefined;
    last = page.next;
  }
}
