import {
  familiarReference,
  InvalidReferenceError,
  parseReference,
  type Reference,
  withDefaultTag,
} from "../oci/reference.ts";
import { isAbsent } from "../registry/errors.ts";
import { isRepository, repositoryOf } from "../registry/names.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import { parseBackReference, REFERENCES } from "../store/back-references.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { type DockerImage, type DockerImagesOptions, dockerImages } from "./docker-images.ts";
import { EngineError } from "./engine-error.ts";

/** An image of a repository. */
export interface LocatedImage {
  name: string;
  /** Tag or digest. */
  reference: string;
  /** The image, if it was found by its ID. */
  byId?: DockerImage;
}

/** Back-references that one lookup lists. */
const MAX_LISTED = 10_000;

export interface FindOptions extends DockerImagesOptions {
  /** The host under which the client reached the server. */
  own: string;
}

/**
 * Finds an image by a name or ID of the Engine API: `app`, `localhost:8787/team/app:1`, `app@sha256:…`, or the start of an
 * ID. As in dockerd, a name precedes an ID.
 * @throws {EngineError} 404
 */
export async function findImage(text: string, options: FindOptions): Promise<LocatedImage> {
  const named = readName(text, options.own);
  if (named !== undefined && options.canPull(named.name) && (await exists(named, options))) return named;
  const image = /^(?:sha256:)?[0-9a-f]{4,64}$/.test(text) ? await findById(text, options) : undefined;
  const [tag] = image?.tags ?? [];
  const [digest] = image?.digests ?? [];
  if (image !== undefined && digest !== undefined) {
    const { repository: name, digest: reference } = tag ?? digest;
    return { name, reference, byId: image };
  }
  const reference = tryReference(text);
  const shown = reference === undefined ? text : familiarReference(withDefaultTag(reference));
  throw new EngineError(404, `No such image: ${shown}`);
}

/** Parses a name with its tag or digest, by default `latest`; undefined when it is not a name. */
function readName(text: string, own: string): LocatedImage | undefined {
  const reference = tryReference(text);
  if (reference === undefined) return undefined;
  const { tag = "latest", digest = tag } = reference;
  const name = repositoryOf(reference, own);
  return isRepository(name) ? { name, reference: digest } : undefined;
}

function tryReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined;
    throw error;
  }
}

async function exists({ name, reference }: LocatedImage, { store }: FindOptions): Promise<boolean> {
  try {
    await new StoreRegistry(store).resolveManifest(name, reference);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** All names of an image by its ID, as far as the caller may pull them; undefined if too many repositories have it. */
export async function namesOfImage(id: string, options: FindOptions): Promise<DockerImage | undefined> {
  const names = await repositoriesWith(options.store, id.replace(/^sha256:/, ""));
  if (names === undefined) return undefined;
  return (await dockerImages(options, names)).find((image) => image.id === id);
}

/** Undefined for no image or several images. */
async function findById(text: string, options: FindOptions): Promise<DockerImage | undefined> {
  const hex = text.replace(/^sha256:/, "");
  const prefix = `sha256:${hex}`;
  const isMeant = ({ id, digests }: DockerImage) =>
    id.startsWith(prefix) || digests.some(({ digest }) => digest.startsWith(prefix));
  const names = await repositoriesWith(options.store, hex);
  const known = names === undefined ? [] : (await dockerImages(options, names)).filter(isMeant);
  // Images of earlier versions have back-references from the first prune on.
  const found = known.length > 0 ? known : (await dockerImages(options)).filter(isMeant);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Repositories with a config or a manifest whose digest starts with these digits, by their back-references. Undefined for
 * too many.
 */
async function repositoriesWith(store: ObjectStore, hex: string): Promise<Set<string> | undefined> {
  const names = new Set<string>();
  for (const folder of ["blobs", "manifests"]) {
    let listed = 0;
    for await (const { key } of store.list(`${REFERENCES}${folder}/sha256/${hex}`)) {
      const [, name] =
        /^repos\/(.+)\/_(?:blobs|manifests)\//.exec(parseBackReference(key)?.marker ?? "") ?? [];
      if (name !== undefined) names.add(name);
      listed += 1;
      if (listed > MAX_LISTED) return undefined;
    }
  }
  return names;
}
