import type { BuildResult } from "../../../schemas/events.ts";
import type { RunningBuild } from "../../client/service.ts";
import type { MachineRunner } from "../../command/build/build-runner.ts";
import type { BuildTools, Ended } from "../../command/build/build-tools.ts";
import { cancelOnInterrupt, displayBuild, startLocalBuild } from "../../command/build/start-build.ts";
import { EXIT, problemExitCode } from "../../command/command-error.ts";
import type { BuildFlags } from "../../command/flags/build-flags.ts";
import { openProgress } from "../terminal/open-progress.ts";

interface BuildHooks {
  /** Sends the context and starts the build. */
  start?(tools: BuildTools): Promise<RunningBuild>;
  /** Uses the result, after all outputs of the flags. */
  finish?(result: BuildResult, tools: BuildTools): Promise<void>;
}

/**
 * Builds with a display of the progress, and prints the digest of the image.
 * @returns the exit code
 */
export async function buildWithProgress(
  given: Omit<BuildTools, "progress">,
  hooks: BuildHooks = {},
): Promise<number> {
  const { flags, interrupt } = given;
  const progress = await openProgress(flags.progress, flags.server);
  try {
    return await build({ ...given, progress }, hooks);
  } catch (error) {
    if (!interrupt.isInterrupted) throw error;
    progress.end("ERROR: canceled\n");
    return interrupt.exitCode;
  } finally {
    progress.end();
  }
}

async function build(tools: BuildTools, hooks: BuildHooks): Promise<number> {
  const { service, flags } = tools;
  const { prepareRunner } = await import("../../command/build/build-runner.ts");
  const runner = await prepareRunner(service, flags);
  try {
    return await buildWith(runner, tools, hooks);
  } finally {
    const report = await runner.finish();
    if (report !== undefined && !flags.quiet) process.stderr.write(`${report}\n`);
  }
}

async function buildWith(
  runner: MachineRunner,
  tools: BuildTools,
  { start = startLocalBuild, finish }: BuildHooks,
): Promise<number> {
  const { flags, interrupt } = tools;
  const running = runner.attend(await start(tools));
  cancelOnInterrupt(running, tools);
  const ended = await displayBuild(running, tools);
  // The rest happens only on this machine, and can be repeated.
  interrupt.cancelsWith(() => process.exit(interrupt.exitCode));
  if ("problem" in ended) return problemExitCode(ended.problem);
  const { descriptor, imageId } = ended.result;
  if (flags.outputs.length > 0) {
    const { sendOutputs } = await import("../../command/outputs/send-outputs.ts");
    await sendOutputs(ended.result, tools);
  }
  await writeFiles(running.id, ended, flags);
  await finish?.(ended.result, tools);
  tools.progress.end();
  // stdout has either a result or its digest.
  const isTaken = flags.outputs.some((output) => "dest" in output && output.dest === "-");
  if (!isTaken && !flags.isCacheOnly) process.stdout.write(`${flags.quiet ? imageId : descriptor.digest}\n`);
  return EXIT.ok;
}

/** Writes the files that the flags name. */
async function writeFiles(
  id: string,
  ended: Ended & { result: BuildResult },
  flags: BuildFlags,
): Promise<void> {
  const { metadataFile, isCacheOnly } = flags;
  const { iidfile, digestFile } = isCacheOnly ? {} : flags;
  if ((iidfile ?? digestFile ?? metadataFile) === undefined) return;
  const { writeTextTo } = await import("../../command/outputs/write-to.ts");
  const { descriptor, imageId } = ended.result;
  if (iidfile !== undefined) writeTextTo(iidfile, imageId);
  if (digestFile !== undefined) writeTextTo(digestFile, descriptor.digest);
  if (metadataFile === undefined) return;
  const { metadataText } = await import("../../command/build/metadata.ts");
  writeTextTo(metadataFile, metadataText(id, ended, flags));
}
