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
import { type DockerImage, type DockerImagesOptions, dockerImages } from "./docker-images.ts";
import { EngineError } from "./engine-error.ts";

/** An image of a repository. */
export interface FoundImage {
  name: string;
  /** Tag or digest. */
  reference: string;
  /** The image, if it was found by its ID. */
  byId?: DockerImage;
}

export interface FindOptions extends DockerImagesOptions {
  /** The host under which the client reached the server. */
  own: string;
}

/**
 * Finds an image by a name or ID of the Engine API: `app`, `localhost:8787/team/app:1`, `app@sha256:…`, or the start of an
 * ID. As in dockerd, a name precedes an ID.
 * @throws {EngineError} 404
 */
export async function findImage(text: string, options: FindOptions): Promise<FoundImage> {
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
function readName(text: string, own: string): FoundImage | undefined {
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

async function exists({ name, reference }: FoundImage, { store }: FindOptions): Promise<boolean> {
  try {
    await new StoreRegistry(store).resolveManifest(name, reference);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Undefined for no image or several images. */
async function findById(text: string, options: FindOptions): Promise<DockerImage | undefined> {
  const prefix = `sha256:${text.replace(/^sha256:/, "")}`;
  const found = (await dockerImages(options)).filter(
    ({ id, digests }) => id.startsWith(prefix) || digests.some(({ digest }) => digest.startsWith(prefix)),
  );
  return found.length === 1 ? found[0] : undefined;
}
