import type { BuildResult } from "../../schemas/events.ts";
import type { RunningBuild } from "../client/service.ts";
import { buildFlagTable } from "./build-flag-table.ts";
import { type BuildFlags, readBuildFlags } from "./build-flags.ts";
import type { BuildRunner } from "./build-runner.ts";
import type { BuildTools, BuildWarning, Ended } from "./build-tools.ts";
import { command } from "./command.ts";
import { EXIT, problemExitCode, problemText, UsageError } from "./command-error.ts";
import { beginFolder, isFolder } from "./folder-build.ts";
import type { ContextFolder } from "./folder-contexts.ts";
import { Interrupt } from "./interrupt.ts";
import { openProgress } from "./open-progress.ts";
import { openService } from "./open-service.ts";

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
    const shown = flags.outputs.find((output) => "dest" in output && output.dest === "-");
    if (shown !== undefined && process.stdout.isTTY)
      throw new UsageError(
        `dest file is required for ${shown.type} output. refusing to write to a terminal`,
        `As --output type=${shown.type},dest=FILE`,
      );
    for (const warning of flags.warnings) process.stderr.write(`WARNING: ${warning}\n`);
    using interrupt = new Interrupt();
    const service = await openService(flags, interrupt.signal);
    if (flags.call.method !== "build") {
      const { callCommand } = await import("./build-call.ts");
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
  const { prepareRunner } = await import("./build-runner.ts");
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
  const running = runner.attend(await begin(tools));
  cancelOnInterrupt(running, tools);
  const ended = await follow(running, tools);
  // What follows is done on this machine alone, and can be done again.
  tools.interrupt.cancelsWith(() => process.exit(EXIT.cancelled));
  if ("problem" in ended) return problemExitCode(ended.problem);
  const { descriptor, imageId } = ended.result;
  if (flags.outputs.length > 0) {
    const { sendOutputs } = await import("./send-outputs.ts");
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
  const { writeText } = await import("./write-to.ts");
  const { descriptor, imageId } = ended.result;
  if (iidfile !== undefined) writeText(iidfile, imageId);
  if (digestFile !== undefined) writeText(digestFile, descriptor.digest);
  if (metadataFile === undefined) return;
  const { metadataText } = await import("./metadata.ts");
  writeText(metadataFile, metadataText(id, ended, flags));
}

export async function begin(tools: BuildTools): Promise<RunningBuild> {
  const { flags } = tools;
  let named: ContextFolder[] = [];
  if (
    flags.isEpochOfContext ||
    flags.provenance !== undefined ||
    Object.keys(flags.namedContexts).length > 0
  ) {
    const { settleOptions } = await import("./settle-options.ts");
    named = await settleOptions(tools);
  }
  if (isFolder(flags.context)) return beginFolder(flags.context, tools, { named });
  const { beginOther } = await import("./other-contexts.ts");
  return beginOther(tools);
}

/** Lets the first interrupt cancel the build at the server. */
export function cancelOnInterrupt({ id }: RunningBuild, { service, interrupt }: BuildTools): void {
  interrupt.cancelsWith(() => {
    service.cancel(id).catch(() => process.exit(EXIT.cancelled));
  });
}

/** Shows the events of a build, and returns what it ends with. */
export async function follow(
  { events }: RunningBuild,
  { progress }: Pick<BuildTools, "progress">,
): Promise<Ended> {
  const warnings: BuildWarning[] = [];
  for await (const event of events) {
    progress.show(event);
    if (event.type === "warning") warnings.push(event);
    if (event.type === "result") return { result: event, warnings };
    if (event.type !== "error") continue;
    progress.end(problemText(event.problem));
    return { problem: event.problem, warnings };
  }
  throw new Error("The event stream of the build ended without a result");
}
