import type { Descriptor } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import type { FieldReader } from "./document.ts";
import type { Platform } from "./platform.ts";

/** Reads a descriptor of a foreign document. @throws {InvalidDocumentError} */
export function readDescriptor(fields: FieldReader): Descriptor {
  const digest = fields.string("digest");
  if (!isDigest(digest)) throw fields.error("digest", "not a SHA-256 or SHA-512 digest");
  const size = fields.integer("size");
  if (!Number.isSafeInteger(size)) throw fields.error("size", "too large");
  const urls = fields.strings("urls");
  const annotations = fields.stringMap("annotations");
  const artifactType = fields.optionalString("artifactType");
  const platform = fields.optional("platform", readPlatform);
  return {
    mediaType: fields.string("mediaType"),
    digest,
    size,
    ...(urls !== undefined && { urls }),
    ...(annotations !== undefined && { annotations }),
    ...(artifactType !== undefined && { artifactType }),
    ...(platform !== undefined && { platform }),
  };
}

/** Reads the platform in these fields: of a descriptor, or of an image config at its top level. */
export function readPlatform(fields: FieldReader): Platform {
  const variant = fields.optionalString("variant");
  const version = fields.optionalString("os.version");
  const features = fields.strings("os.features");
  return {
    os: fields.optionalString("os") ?? "",
    architecture: fields.optionalString("architecture") ?? "",
    ...(variant && { variant }),
    ...(version && { "os.version": version }),
    ...(features && features.length > 0 && { "os.features": features }),
  };
}
