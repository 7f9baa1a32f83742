import { readBoolean } from "../../dockerfile/boolean.ts";
import { UsageError } from "../command-error.ts";

/** Types of `--output`. */
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

/** The values of one `--output`. */
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

const ANNOTATION =
  /^annotation(?:-(manifest|index|manifest-descriptor|index-descriptor))?(\[[^\]]+\])?\.(.+)$/;

/**
 * Reads the keys and values of an output.
 * @throws {UsageError} for a key that the type does not have, naming it
 */
export function readOutputValues(type: OutputType, pairs: Iterable<readonly [string, string]>): OutputValues {
  const image: ImageSettings = {};
  const ignored: [string, string][] = [];
  const values = { names: [] as string[], push: type === "registry", byDigest: false };
  const files: Pick<OutputValues, "dest" | "isTar" | "platformSplit"> = {
    dest: undefined,
    isTar: true,
    platformSplit: undefined,
  };
  const allowed = (types: readonly OutputType[], key: string) => {
    if (!types.includes(type)) throw unknownKey(type, key);
  };
  for (const [key, value] of pairs) {
    const [, kind = "manifest", platform = "", name] = ANNOTATION.exec(key) ?? [];
    if (name !== undefined) {
      allowed(IMAGES, key);
      image.annotations = { ...image.annotations, [`${kind}${platform}:${name}`]: value };
      continue;
    }
    const [types, reason] = Object.hasOwn(IGNORED, key) ? (IGNORED[key] ?? []) : [];
    if (types !== undefined && reason !== undefined) {
      allowed(types, key);
      if (!FULFILLED.has(key) || !readBool(key, value)) ignored.push([key, reason]);
      continue;
    }
    switch (key) {
      case "type":
        break;
      case "name":
        allowed(IMAGES, key);
        values.names = value.split(",").filter(Boolean);
        break;
      case "push":
        allowed(PUSHED, key);
        values.push = readBool(key, value);
        break;
      case "push-by-digest":
        allowed(PUSHED, key);
        values.byDigest = readBool(key, value);
        break;
      case "compression":
        allowed(IMAGES, key);
        image.compression = readCompression(value);
        break;
      case "compression-level":
        allowed(IMAGES, key);
        image.compressionLevel = readLevel(value);
        break;
      case "force-compression":
        allowed(IMAGES, key);
        image.forceCompression = readBool(key, value);
        break;
      case "oci-mediatypes":
        allowed(IMAGES, key);
        image.ociMediaTypes = readBool(key, value);
        break;
      case "rewrite-timestamp":
        allowed(IMAGES, key);
        image.rewriteTimestamp = readBool(key, value);
        break;
      case "dest":
        allowed(FILES, key);
        files.dest = value;
        break;
      case "tar":
        allowed(["docker", "oci"], key);
        files.isTar = readBool(key, value);
        break;
      case "mode":
        allowed(["local"], key);
        if (value !== "copy")
          throw new UsageError(
            `mode ${JSON.stringify(value)} is not supported: files are written beside those in dest`,
          );
        break;
      case "platform-split":
        allowed(FOLDERS, key);
        files.platformSplit = readBool(key, value);
        break;
      default:
        throw unknownKey(type, key);
    }
  }
  return { ...values, ...files, image, ignored };
}

function unknownKey(type: OutputType, key: string): UsageError {
  return new UsageError(`--output type=${type} has no key ${JSON.stringify(key)}`);
}

function readBool(key: string, value: string): boolean {
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
