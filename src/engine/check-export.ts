import type { BuildOptions } from "../../schemas/options.ts";
import type { Platform } from "../oci/platform.ts";
import type { Annotations } from "./annotations.ts";
import { BuildError } from "./errors.ts";

/**
 * Rejects contradicting export options before anything is executed, with BuildKit's messages.
 * @throws {BuildError} `annotation-invalid`, `output-invalid`
 */
export function checkExport(
  { compression, ociMediaTypes, provenance, sbom, attestations }: BuildOptions,
  annotations: Annotations,
  platforms: readonly Platform[],
): void {
  const isAttested = provenance !== false || sbom;
  const unknown = annotations.unknownPlatform(platforms);
  if (unknown !== undefined)
    throw new BuildError("annotation-invalid", `invalid annotation: no platform ${unknown} found in source`);
  if (!ociMediaTypes) {
    if (compression === "zstd") throw conflict('"compression=zstd" conflicts with "oci-mediatypes=false"');
    if (isAttested) throw conflict('cannot export attestations with "oci-mediatypes=false"');
    if (annotations.needOciTypes)
      throw new BuildError("annotation-invalid", 'cannot export annotations with "oci-mediatypes=false"');
  }
  const hasIndex = platforms.length > 1 || (isAttested && attestations === "index");
  if (!hasIndex && annotations.areOfIndex) {
    throw new BuildError("annotation-invalid", "index annotations not supported for single platform export", {
      hint: "An image has an index when it has several platforms, or attestations (--provenance, --sbom).",
    });
  }
}

function conflict(message: string): BuildError {
  return new BuildError("output-invalid", message);
}
