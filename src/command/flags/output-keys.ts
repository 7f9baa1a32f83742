import { readBoolean } from "../../dockerfile/boolean.ts";
import { UsageError } from "../command-error.ts";

export type OutputType = "image" | "registry" | "docker" | "oci" | "local" | "tar" | "cacheonly";

/** Settings of the image that its outputs can contain. */
export interface ImageSettings {
  compression?: "gzip" | "zstd";
  compressionLevel?: number;
  forceCompression?: boolean;
  ociMediaTypes?: boolean;
  rewriteTimestamp?: boolean;
  /** See `BuildOptions`. */
  annotations?: Record<string, string>;
}

export interface OutputValues {
  names: readonly string[];
  push: boolean;
  byDigest: boolean;
  dest: string | undefined;
  isTar: boolean;
  /** A folder for each platform; by default when there are several. */
  platformSplit: boolean | undefined;
  image: ImageSettings;
  /** Keys that have no effect, with the reason. */
  ignored: readonly [key: string, reason: string][];
}

const IMAGES: readonly OutputType[] = ["image", "registry", "docker", "oci"];
const PUSHED: readonly OutputType[] = ["image", "registry"];
const FILES: readonly OutputType[] = ["docker", "oci", "local", "tar"];
const FOLDERS: readonly OutputType[] = ["local", "tar"];

/** Keys without a meaning for varve, with the types that have them and the reason. */
const IGNORED: Readonly<Record<string, [types: readonly OutputType[], reason: string]>> = {
  buildinfo: [IMAGES, "BuildKit no longer has it: use --provenance"],
  "buildinfo-attrs": [IMAGES, "BuildKit no longer has it: use --provenance"],
  context: [["docker"], "the image is loaded into the docker that the docker command uses"],
  "dangling-name-prefix": [IMAGES, "an image without a name is in the repository builds of the server"],
  "name-canonical": [PUSHED, "the server has every image under its digest"],
  "oci-artifact": [IMAGES, "attestations are in the index, and artifacts beside the image"],
  "prefer-nondist-layers": [IMAGES, "layers are served from the server"],
  "registry.insecure": [PUSHED, "only registries on this machine are reached over http"],
  store: [PUSHED, "the server stores every image"],
  unpack: [PUSHED, "images are unpacked where they are run"],
};
/** Keys that request what varve always does: `true` causes no warning. */
const FULFILLED = new Set(["name-canonical", "store"]);

type Values = Omit<OutputValues, "ignored">;
type Read = (value: string, key: string) => Partial<Values>;

/** The other keys: the types that have them, and their values. */
const KEYS: Readonly<Record<string, readonly [types: readonly OutputType[], read: Read]>> = {
  name: [IMAGES, (value) => ({ names: value.split(",").filter(Boolean) })],
  push: [PUSHED, (...bool) => ({ push: readBool(...bool) })],
  "push-by-digest": [PUSHED, (...bool) => ({ byDigest: readBool(...bool) })],
  compression: [IMAGES, (value) => ({ image: { compression: readCompression(value) } })],
  "compression-level": [IMAGES, (value) => ({ image: { compressionLevel: readLevel(value) } })],
  "force-compression": [IMAGES, (...bool) => ({ image: { forceCompression: readBool(...bool) } })],
  "oci-mediatypes": [IMAGES, (...bool) => ({ image: { ociMediaTypes: readBool(...bool) } })],
  "rewrite-timestamp": [IMAGES, (...bool) => ({ image: { rewriteTimestamp: readBool(...bool) } })],
  dest: [FILES, (dest) => ({ dest })],
  tar: [["docker", "oci"], (...bool) => ({ isTar: readBool(...bool) })],
  mode: [["local"], requireCopyMode],
  "platform-split": [FOLDERS, (...bool) => ({ platformSplit: readBool(...bool) })],
};

const ANNOTATION =
  /^annotation(?:-(manifest|index|manifest-descriptor|index-descriptor))?(\[[^\]]+\])?\.(.+)$/;

/**
 * Reads the keys and values of an output.
 * @throws {UsageError} for a key that the type does not have, naming it
 */
export function readOutputValues(type: OutputType, pairs: Iterable<readonly [string, string]>): OutputValues {
  const ignored: [string, string][] = [];
  const values: Values = {
    names: [],
    push: type === "registry",
    byDigest: false,
    dest: undefined,
    isTar: true,
    platformSplit: undefined,
    image: {},
  };
  const allowed = (types: readonly OutputType[], key: string) => {
    if (types.includes(type)) return;
    throw new UsageError(`--output type=${type} has no key ${JSON.stringify(key)}`);
  };
  for (const [key, value] of pairs) {
    const [, kind = "manifest", platform = "", name] = ANNOTATION.exec(key) ?? [];
    if (name !== undefined) {
      allowed(IMAGES, key);
      values.image.annotations = { ...values.image.annotations, [`${kind}${platform}:${name}`]: value };
      continue;
    }
    const [types, reason] = Object.hasOwn(IGNORED, key) ? (IGNORED[key] ?? []) : [];
    if (types !== undefined && reason !== undefined) {
      allowed(types, key);
      if (!FULFILLED.has(key) || !readBool(value, key)) ignored.push([key, reason]);
      continue;
    }
    if (key === "type") continue;
    const [having = [], read] = Object.hasOwn(KEYS, key) ? (KEYS[key] ?? []) : [];
    allowed(having, key);
    const found = read?.(value, key) ?? {};
    Object.assign(values, found, { image: { ...values.image, ...found.image } });
  }
  return { ...values, ignored };
}

function requireCopyMode(mode: string): Partial<Values> {
  if (mode === "copy") return {};
  throw new UsageError(
    `mode ${JSON.stringify(mode)} is not supported: files are written beside those in dest`,
  );
}

function readBool(value: string, key: string): boolean {
  const read = readBoolean(value);
  if (read !== undefined) return read;
  throw new UsageError(`non-bool value specified for ${key}: ${JSON.stringify(value)}`);
}

function readCompression(value: string): "gzip" | "zstd" {
  if (value === "gzip" || value === "zstd") return value;
  throw new UsageError(`compression ${JSON.stringify(value)} is not supported: it must be gzip or zstd`);
}

function readLevel(value: string): number {
  if (/^\d{1,2}$/.test(value)) return Number(value);
  throw new UsageError(`compression-level ${JSON.stringify(value)} is not a number from 0 to 22`);
}
