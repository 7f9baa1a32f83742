import {
  type FindImageOptions,
  findServerImage,
  readRegistryImage,
  type ServerImage,
} from "../../client/server-image.ts";
import { CommandError, NOT_RUNNING_HINT } from "../../command/command-error.ts";
import { parseImageName } from "../../command/outputs/own-name.ts";
import { formatReference } from "../../oci/reference.ts";
import { RegistryError, type RegistryFault } from "../../registry/errors.ts";
import { dockerLogin, mayNeedLogin } from "../../registry/login-upstream.ts";
import { startsWithHost } from "../../registry/names.ts";

/** Faults of the server after which the registry in the name is tried. */
const MISSING: ReadonlySet<RegistryFault> = new Set(["DENIED", "MANIFEST_UNKNOWN", "NAME_UNKNOWN"]);

/**
 * Finds the image to run: at the server, or else in the registry in its name, with the credentials that docker has stored.
 * @param isRemote whether other registries may be requested
 * @throws {CommandError | RegistryError | InvalidDocumentError}
 */
export async function findImageToRun(
  text: string,
  options: FindImageOptions,
  isRemote: boolean,
): Promise<ServerImage> {
  const reference = parseImageName(text);
  try {
    return await findServerImage(text, options);
  } catch (error) {
    if (error instanceof RegistryError && error.fault === "NETWORK")
      throw new CommandError(`Cannot reach ${options.server}: ${error.message}`, NOT_RUNNING_HINT);
    const isMissing = error instanceof RegistryError && MISSING.has(error.fault);
    if (!isMissing || !isRemote || reference.host === new URL(options.server).host) throw error;
    if (!startsWithHost(text))
      throw new CommandError(
        error.message,
        `To run an image of Docker Hub, write ${formatReference(reference)}.`,
      );
  }
  const { openImagePlace } = await import("../../command/outputs/push-image.ts");
  const place = await openImagePlace(reference);
  try {
    return await readRegistryImage(place.registry, place, options.platform);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new CommandError(
      `Cannot pull ${formatReference(reference)}: ${error.message}`,
      mayNeedLogin(error)
        ? `If the image is private, log in with "${dockerLogin(reference.host)}" and run it again.`
        : undefined,
    );
  }
}
