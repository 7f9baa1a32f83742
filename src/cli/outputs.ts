import { UsageError } from "./command-error.ts";
import { CsvError, csvFields } from "./flags/csv.ts";

/** Where a result goes besides the server, which has it anyway. */
export type Output =
  /** To the registries that the tags name, or these names. */
  | { type: "registry"; names: readonly string[] }
  /** Into docker. */
  | { type: "load" }
  /** An archive that `docker load` reads, or an OCI layout; `dest` is a file, or `-` for stdout. */
  | { type: "docker" | "oci"; dest: string; isTar: boolean }
  /** The files of the image, as a folder or a tar. */
  | { type: "local" | "tar"; dest: string };

/**
 * Reads the value of `--output` as buildx does: `type=…,dest=…`, or only a folder, or `-` for a tar on stdout.
 * @throws {UsageError}
 */
export function readOutput(text: string): Output[] {
  const fields = fieldsOf(text);
  const [only = ""] = fields;
  if (fields.length === 1 && only === text && !only.startsWith("type="))
    return [only === "-" ? { type: "tar", dest: "-" } : { type: "local", dest: only }];
  const values = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf("=");
    if (equals < 0) throw new UsageError(`invalid value ${field}`);
    values.set(field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1));
  }
  return outputsOf(values);
}

function outputsOf(values: ReadonlyMap<string, string>): Output[] {
  const type = values.get("type");
  const dest = values.get("dest");
  switch (type) {
    case undefined:
    case "":
      throw new UsageError("type is required for output");
    case "registry":
      return [{ type: "registry", names: namesOf(values.get("name")) }];
    case "image":
      // The server has it. What is left to say is whether others should have it, too.
      return values.get("push") === "true" ? [{ type: "registry", names: namesOf(values.get("name")) }] : [];
    case "docker":
      if (dest === undefined) return [{ type: "load" }];
      return [{ type, dest, isTar: values.get("tar") !== "false" }];
    case "oci":
      return [{ type, dest: needed(type, dest), isTar: values.get("tar") !== "false" }];
    case "local":
    case "tar":
      return [{ type, dest: type === "tar" ? (dest ?? "-") : needed(type, dest) }];
    default:
      throw new UsageError(
        `output type ${JSON.stringify(type)} is none of docker, image, local, oci, registry, tar`,
      );
  }
}

function needed(type: string, dest: string | undefined): string {
  if (dest) return dest;
  throw new UsageError(`dest is required for ${type} output`, `As --output type=${type},dest=PATH`);
}

function namesOf(list: string | undefined): string[] {
  return (list ?? "").split(",").filter(Boolean);
}

function fieldsOf(text: string): string[] {
  try {
    return csvFields(text);
  } catch (error) {
    if (error instanceof CsvError) throw new UsageError(`invalid value ${text}: ${error.message}`);
    throw error;
  }
}
