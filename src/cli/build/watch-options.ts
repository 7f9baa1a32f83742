import { statSync } from "node:fs";
import { resolve } from "node:path";
import { startLocalBuild } from "../../command/build/start-build.ts";
import { UsageError } from "../../command/command-error.ts";
import { isFolder } from "../../command/contexts/folder-build.ts";
import type { BuildFlags } from "../../command/flags/build-flags.ts";
import { openService } from "../../command/open-service.ts";
import { realPlace } from "../../machine/real-place.ts";
import { buildWithProgress } from "./run-build.ts";
import type { WatchOptions } from "./watch.ts";

/**
 * `varve build --watch`.
 * @param readFlags returns the flags for one more build
 * @throws {UsageError} if the inputs cannot be watched or the build cannot be repeated
 */
export function watchOptions(flags: BuildFlags, readFlags: () => BuildFlags): WatchOptions {
  const { context, file, call, outputs, quiet, progress } = flags;
  if (!isFolder(context))
    throw new UsageError(`--watch needs a folder as context, not ${JSON.stringify(context)}`);
  if (file === "-" || (file !== undefined && isNoFile(file)))
    throw new UsageError("--watch needs a Dockerfile that can be read repeatedly, not stdin or a pipe");
  if (call.method !== "build") throw new UsageError(`--watch builds repeatedly; it cannot ${call.method}`);
  const places = outputs.flatMap((output) => ("dest" in output ? [output.dest] : []));
  if (places.includes("-")) throw new UsageError("--watch cannot write its outputs to stdout: use dest=FILE");
  const files = [flags.iidfile, flags.digestFile, flags.metadataFile].filter((name) => name !== undefined);
  return {
    async build(onInputs, interrupt) {
      const flags = readFlags();
      const service = await openService(flags, interrupt.signal);
      return buildWithProgress(
        { service, flags, interrupt },
        { start: (tools) => startLocalBuild(tools, onInputs) },
      );
    },
    written: [...places, ...files].map(placeOf),
    isQuiet: quiet || progress === "rawjson" || progress === "quiet" || progress === "none",
  };
}

function isNoFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

/** The path as a context names it: without symbolic links. */
function placeOf(path: string): string {
  try {
    return realPlace(path);
  } catch {
    return resolve(path);
  }
}
