import type { BuildOptions } from "../../schemas/options.ts";
import { readBoolean } from "../dockerfile/boolean.ts";
import { UsageError } from "./command-error.ts";
import { csvFields } from "./flags/csv.ts";

/** Flags that choose the times of files. */
export interface TimeFlags {
  timestamps: string | undefined;
  /** kaniko's name of `--timestamps=fixed`. */
  reproducible: boolean | undefined;
  output: readonly string[];
}

/**
 * The options that choose the times of files. As with buildx, `rewrite-timestamp` is a key of `--output`; here it
 * applies to the image, which is one for all outputs.
 * @throws {UsageError}
 */
export function readTimeFlags({
  timestamps,
  reproducible,
  output,
}: TimeFlags): Partial<Pick<BuildOptions, "timestamps" | "rewriteTimestamp">> {
  const chosen = timestamps ?? (reproducible ? "fixed" : undefined);
  return {
    ...(chosen !== undefined && { timestamps: chosen as BuildOptions["timestamps"] }),
    ...(output.some(isRewriting) && { rewriteTimestamp: true }),
  };
}

/** Whether a value of `--output`, which was read before, contains `rewrite-timestamp=true`. */
function isRewriting(output: string): boolean {
  for (const field of csvFields(output)) {
    const [name = "", value = ""] = field.split("=", 2);
    if (name.trim().toLowerCase() !== "rewrite-timestamp") continue;
    const isSet = readBoolean(value);
    if (isSet === undefined)
      throw new UsageError(`rewrite-timestamp of --output is true or false, not "${value}"`);
    return isSet;
  }
  return false;
}
