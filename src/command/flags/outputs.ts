import { cut } from "../../streams/cut.ts";
import { UsageError } from "../command-error.ts";
import { readCsvFields } from "./csv-fields.ts";
import { type ImageSettings, type OutputType, type OutputValues, readOutputValues } from "./output-keys.ts";

/** A destination of the result besides the server, which always stores it. */
export type Output =
  /** To the registries that the tags name, or these names. */
  | { type: "registry"; names: readonly string[]; byDigest: boolean }
  /** Into docker. */
  | { type: "load"; names: readonly string[] }
  /** An archive that `docker load` reads, or an OCI layout; `dest` is a file, or `-` for stdout. */
  | { type: "docker" | "oci"; dest: string; isTar: boolean; names: readonly string[] }
  /** The files of the image, as a folder or a tar. */
  | { type: "local" | "tar"; dest: string; platformSplit: boolean | undefined };

/** A parsed `--output`. */
export interface OutputFlag {
  type: OutputType;
  /** Undefined when the server is all that gets the result. */
  output: Output | undefined;
  /** Names of the image at the server. */
  names: readonly string[];
  /** Whether the names are tags of the image; undefined when this output does not decide it. */
  isTagged: boolean | undefined;
  image: ImageSettings;
  ignored: OutputValues["ignored"];
}

const TYPES: readonly string[] = [
  "cacheonly",
  "docker",
  "image",
  "local",
  "oci",
  "registry",
  "tar",
] satisfies OutputType[];

/**
 * Reads the value of `--output` as buildx does: `type=…,dest=…`, or only a folder, or `-` for a tar on stdout.
 * @throws {UsageError}
 */
export function readOutput(text: string): OutputFlag {
  const fields = readCsvFields(text);
  const [only = ""] = fields;
  if (fields.length === 1 && only === text && !only.startsWith("type=")) {
    const type = only === "-" ? "tar" : "local";
    return outputFlag(type, readOutputValues(type, [["dest", only]]));
  }
  const values = new Map<string, string>();
  for (const field of fields) {
    const [name, value] = cut(field, "=");
    if (value === undefined) throw new UsageError(`invalid value ${field}`);
    // Names of annotations may have capital letters.
    const key = name.trim();
    values.set(key.startsWith("annotation") ? key : key.toLowerCase(), value);
  }
  const type = values.get("type");
  if (!type) throw new UsageError("type is required for output");
  if (!isType(type))
    throw new UsageError(
      `unsupported output type ${JSON.stringify(type)}: it must be one of ${TYPES.join(", ")}`,
    );
  return outputFlag(type, readOutputValues(type, values));
}

function isType(text: string): text is OutputType {
  return TYPES.includes(text);
}

function outputFlag(type: OutputType, values: OutputValues): OutputFlag {
  const { names, byDigest, push, image, ignored } = values;
  const common = { type, image, ignored };
  switch (type) {
    case "image":
    case "registry": {
      const tagged = names.find((name) => name.includes(":", name.lastIndexOf("/")));
      if (byDigest && push && tagged !== undefined)
        throw new UsageError(`can't push tagged ref ${tagged} by digest`);
      const output = push ? ({ type: "registry", names, byDigest } as const) : undefined;
      return { ...common, output, names, isTagged: !byDigest };
    }
    case "cacheonly":
      return { ...common, output: undefined, names: [], isTagged: false };
    default:
      return { ...common, output: fileOutput(type, values), names: [], isTagged: undefined };
  }
}

function fileOutput(
  type: "docker" | "oci" | "local" | "tar",
  { dest, isTar, names, platformSplit }: OutputValues,
): Output {
  const isFolder = type === "local" || (!isTar && type !== "tar");
  if (dest === "-" && isFolder) throw new UsageError(`dest cannot be stdout for ${type} output of a folder`);
  if (dest === "" && !isFolder)
    throw new UsageError(`dest is empty for ${type} output`, "Set a path, or omit dest.");
  switch (type) {
    case "docker":
      return dest === undefined ? { type: "load", names } : { type, dest, isTar, names };
    case "oci":
      return { type, dest: isTar ? (dest ?? "-") : requireDest(type, dest), isTar, names };
    case "local":
      return { type, dest: requireDest(type, dest), platformSplit };
    case "tar":
      return { type, dest: dest ?? "-", platformSplit };
  }
}

function requireDest(type: string, dest: string | undefined): string {
  if (dest) return dest;
  throw new UsageError(`dest is required for ${type} output`, `Example: --output type=${type},dest=PATH`);
}

/**
 * Merges the image settings of several outputs. There is one image, so they must agree.
 * @throws {UsageError} naming the first key with different values
 */
export function imageSettingsOf(flags: readonly OutputFlag[]): ImageSettings {
  const merged: ImageSettings = {};
  for (const { image } of flags) {
    const { annotations, ...settings } = image;
    for (const [key, value] of Object.entries(settings)) {
      const before = merged[key as keyof typeof settings];
      if (before !== undefined && before !== value)
        throw new UsageError(
          `outputs require different images: ${KEYS[key as keyof typeof settings]} is ${before} and ${value}`,
        );
      Object.assign(merged, { [key]: value });
    }
    if (annotations !== undefined) merged.annotations = { ...merged.annotations, ...annotations };
  }
  return merged;
}

const KEYS = {
  compression: "compression",
  compressionLevel: "compression-level",
  forceCompression: "force-compression",
  ociMediaTypes: "oci-mediatypes",
  rewriteTimestamp: "rewrite-timestamp",
} as const;
