import type { BuildResult } from "../../../schemas/events.ts";
import type { BuildRunner } from "../../command/build/build-runner.ts";
import type { BuildTools, Ended } from "../../command/build/build-tools.ts";
import { cancelOnInterrupt, followBuild, startBuild } from "../../command/build/start-build.ts";
import { EXIT, problemExitCode } from "../../command/command-error.ts";
import { buildFlagTable } from "../../command/flags/build-flag-table.ts";
import { type BuildFlags, readBuildFlags } from "../../command/flags/build-flags.ts";
import { Interrupt } from "../../command/interrupt.ts";
import { openService } from "../../command/open-service.ts";
import { command } from "../command.ts";
import { openProgress } from "../terminal/open-progress.ts";

/** `varve build`: prints the digest of the image. */
export const buildCommand = command(
  {
    name: "build",
    usage: "[OPTIONS] PATH | URL | -",
    summary: "Build an image from a Dockerfile and a folder",
    about:
      "PATH is a folder or a tar, URL a git repository, a tar or a Dockerfile, and - a tar or a Dockerfile on stdin. The digest of the image is printed when it is there: at the server, under all its names.",
    flags: buildFlagTable,
    args: [0, 1],
    completes: "folder",
  },
  async ({ values, args }) => {
    const flags = readBuildFlags(values, args, process.env);
    for (const warning of flags.warnings) process.stderr.write(`WARNING: ${warning}\n`);
    using interrupt = new Interrupt();
    const service = await openService(flags, interrupt.signal);
    if (flags.call.method !== "build") {
      const { callCommand } = await import("../../command/build/build-call.ts");
      return callCommand(service, flags);
    }
    const progress = await openProgress(flags.progress, flags.server);
    const tools = { service, flags, progress, interrupt };
    try {
      return await build(tools);
    } catch (error) {
      if (!interrupt.isInterrupted) throw error;
      progress.end("ERROR: canceled\n");
      return EXIT.cancelled;
    } finally {
      progress.end();
    }
  },
);

async function build(tools: BuildTools): Promise<number> {
  const { service, flags } = tools;
  const { prepareRunner } = await import("../../command/build/build-runner.ts");
  const runner = await prepareRunner(service, flags);
  try {
    return await buildWith(runner, tools);
  } finally {
    const report = await runner.finish();
    if (report !== undefined && !flags.quiet) process.stderr.write(`${report}\n`);
  }
}

async function buildWith(runner: BuildRunner, tools: BuildTools): Promise<number> {
  const { flags } = tools;
  const running = runner.attend(await startBuild(tools));
  cancelOnInterrupt(running, tools);
  const ended = await followBuild(running, tools);
  // What follows is done on this machine alone, and can be done again.
  tools.interrupt.cancelsWith(() => process.exit(EXIT.cancelled));
  if ("problem" in ended) return problemExitCode(ended.problem);
  const { descriptor, imageId } = ended.result;
  if (flags.outputs.length > 0) {
    const { sendOutputs } = await import("../../command/outputs/send-outputs.ts");
    await sendOutputs(ended.result, tools);
  }
  await writeFiles(running.id, ended, flags);
  tools.progress.end();
  // A result on stdout is not to be mixed with its name.
  const isTaken = flags.outputs.some((output) => "dest" in output && output.dest === "-");
  if (!isTaken && !flags.isCacheOnly) process.stdout.write(`${flags.quiet ? imageId : descriptor.digest}\n`);
  return EXIT.ok;
}

/** Writes what was asked for in files. */
async function writeFiles(
  id: string,
  ended: Ended & { result: BuildResult },
  flags: BuildFlags,
): Promise<void> {
  const { metadataFile, isCacheOnly } = flags;
  const { iidfile, digestFile } = isCacheOnly ? {} : flags;
  if ((iidfile ?? digestFile ?? metadataFile) === undefined) return;
  const { writeText } = await import("../../command/outputs/write-to.ts");
  const { descriptor, imageId } = ended.result;
  if (iidfile !== undefined) writeText(iidfile, imageId);
  if (digestFile !== undefined) writeText(digestFile, descriptor.digest);
  if (metadataFile === undefined) return;
  const { metadataText } = await import("../../command/build/metadata.ts");
  writeText(metadataFile, metadataText(id, ended, flags));
}
