import { UsageError } from "../../command/command-error.ts";
import { buildFlagTable } from "../../command/flags/build-flag-table.ts";
import { readBuildFlags } from "../../command/flags/build-flags.ts";
import { canceled, Interrupt } from "../../command/interrupt.ts";
import { openService } from "../../command/open-service.ts";
import { command } from "../command.ts";
import { buildWithProgress } from "./run-build.ts";

/** `varve build`: prints the digest of the image. */
export const buildCommand = command(
  {
    name: "build",
    usage: "[OPTIONS] PATH | URL | -",
    summary: "Build an image from a Dockerfile",
    about:
      "PATH is a folder or a tar; URL is a git repository, a tar or a Dockerfile; - is a tar or a Dockerfile on stdin. The server stores the image under all its names. Prints the digest of the image.",
    flags: {
      ...buildFlagTable,
      watch: { kind: "bool", help: "Build again whenever a file that the build reads changes" },
    },
    args: [0, 1],
    completes: "folder",
  },
  async ({ values, args }) => {
    const flags = readBuildFlags(values, args, process.env);
    const shown = flags.outputs.find((output) => "dest" in output && output.dest === "-");
    if (shown !== undefined && process.stdout.isTTY)
      throw new UsageError(
        `dest file is required for ${shown.type} output. refusing to write to a terminal`,
        `Example: --output type=${shown.type},dest=FILE`,
      );
    for (const warning of flags.warnings) process.stderr.write(`WARNING: ${warning}\n`);
    if (values.watch) {
      const { watchOptions } = await import("./watch-options.ts");
      const { watchBuild } = await import("./watch.ts");
      // A build changes its flags, so each reads its own.
      return await watchBuild(watchOptions(flags, () => readBuildFlags(values, args, process.env)));
    }
    using interrupt = new Interrupt();
    const service = await openService(flags, interrupt.signal);
    if (flags.call.method !== "build") {
      const { callCommand } = await import("../../command/build/build-call.ts");
      try {
        return await callCommand(service, flags);
      } catch (error) {
        if (!interrupt.isInterrupted) throw error;
        return canceled(interrupt);
      }
    }
    // Awaited here, because `interrupt` lasts until this function ends.
    return await buildWithProgress({ service, flags, interrupt });
  },
);
