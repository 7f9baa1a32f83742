import type { ImageAddress } from "../../client/images.ts";
import { InvalidReferenceError, parseReference } from "../../oci/reference.ts";
import { displayRepository, repositoryOf, startsWithHost } from "../../registry/names.ts";
import { UsageError } from "../command-error.ts";

/** Whether a name refers to an image of this server. */
export function isHostOf(name: string, server: string): boolean {
  return startsWithHost(name) && name.slice(0, name.indexOf("/")) === new URL(server).host;
}

/**
 * The address of an image at the server. A name keeps its host; the server knows its own.
 * @throws {UsageError}
 */
export function imageAddressOf(name: string): ImageAddress {
  const { tag = "latest", digest = tag, ...reference } = parseImageName(name);
  return { name: displayRepository(repositoryOf(reference)), reference: digest };
}

/**
 * The address of an image in the server's registry.
 * @param server URL of the server
 * @throws {UsageError}
 */
export function registryAddressOf(name: string, server: string): ImageAddress {
  const { tag = "latest", digest = tag, ...reference } = parseImageName(name);
  return { name: repositoryOf(reference, new URL(server).host), reference: digest };
}

/** @throws {UsageError} */
export function parseImageName(name: string) {
  try {
    return parseReference(name);
  } catch (error) {
    if (error instanceof InvalidReferenceError)
      throw new UsageError(`"${name}" is not an image name: ${error.message}`);
    throw error;
  }
}
