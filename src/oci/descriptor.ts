import type { Platform } from "./platform.ts";

/** A typed, sized, content-addressed reference (image-spec, descriptor.md). */
export interface Descriptor {
  mediaType: string;
  digest: string;
  /** Bytes. */
  size: number;
  urls?: string[];
  annotations?: Record<string, string>;
  artifactType?: string;
  platform?: Platform;
}

/** The descriptor for `writeJson`: fields in the order of the specification, maps sorted by key. */
export function orderDescriptor(descriptor: Descriptor): Record<string, unknown> {
  const { mediaType, digest, size, urls, annotations, artifactType, platform } = descriptor;
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations: orderAnnotations(annotations),
    platform: platform && orderPlatform(platform),
    artifactType,
  };
}

export function orderAnnotations(
  annotations: Record<string, string> | undefined,
): Map<string, string> | undefined {
  return annotations && new Map(Object.entries(annotations));
}

function orderPlatform(platform: Platform): Record<string, unknown> {
  return {
    architecture: platform.architecture,
    os: platform.os,
    "os.version": platform["os.version"],
    "os.features": platform["os.features"],
    variant: platform.variant,
  };
}
