import { UsageError } from "../../command/command-error.ts";
import { beginFolder } from "../../command/contexts/folder-build.ts";
import { buildFlagTable } from "../../command/flags/build-flag-table.ts";
import { type BuildFlags, readBuildFlags } from "../../command/flags/build-flags.ts";
import { parseFlags } from "../../command/flags/parse.ts";
import { Interrupt } from "../../command/interrupt.ts";
import { openService } from "../../command/open-service.ts";
import { buildWithProgress } from "../build/run-build.ts";
import { command } from "../command.ts";
import { type ContextSource, openKanikoContext } from "./context.ts";
import { executorFlags } from "./executor-flags.ts";
import { pushAll } from "./push-all.ts";
import { readPushSettings } from "./push-settings.ts";
import { readExecutorWords } from "./read-words.ts";
import { trustCertificates } from "./trust-certificates.ts";
import { writeDigests, writeImageList } from "./write-digests.ts";

/** `varve kaniko`: kaniko's executor with a varve server. */
export const kanikoCommand = command(
  {
    name: "kaniko",
    usage: "[OPTIONS]",
    summary: "Build and push an image, with the flags of kaniko's executor",
    about:
      "Builds on the server in VARVE_SERVER and pushes from this machine to the registries of the destinations. An executable or link named executor runs this command.",
    flags: executorFlags,
    args: [0, 0],
  },
  async ({ values }) => {
    const { words, destinations, pushes, warnings } = readExecutorWords(values, process.env);
    const push = readPushSettings(values);
    for (const warning of warnings) process.stderr.write(`WARNING: ${warning}\n`);
    trustCertificates(process.env);
    const level = readLevel(values["compression-level"]);
    await using context = await openKanikoContext(
      {
        context: values.context,
        bucket: values.bucket,
        subPath: values["context-sub-path"],
        dockerfile: values.dockerfile,
        git: values.git,
        keepsGit: values["build-arg"].includes("BUILDKIT_CONTEXT_KEEP_GIT_DIR=1"),
      },
      process.env,
    );
    const flags = readFlags(words, context, level);
    using interrupt = new Interrupt();
    const service = await openService(flags, interrupt.signal);
    return await buildWithProgress(
      { service, flags, interrupt },
      {
        start: (tools) => beginFolder(context.folder, tools, { isTemporary: context.isTemporary }),
        async finish(result, tools) {
          await writeDigests(result, values, destinations);
          await pushAll(result, pushes, push, tools);
          writeImageList(result, destinations, process.env);
        },
      },
    );
  },
);

/** The flags that `varve build` reads from the same words. */
function readFlags(
  words: readonly string[],
  { folder, file }: ContextSource,
  level: number | undefined,
): BuildFlags {
  const { values, args } = parseFlags(buildFlagTable, [...words, "--", folder]);
  const flags = readBuildFlags(values, args, { ...process.env, DOCKER_DEFAULT_PLATFORM: undefined });
  const options = { ...flags.options, ...(level !== undefined && { compressionLevel: level }) };
  return { ...flags, file, options };
}

/** -1 is the default of kaniko. @throws {UsageError} */
function readLevel(text: string | undefined): number | undefined {
  if (text === undefined || text === "-1") return undefined;
  if (/^\d{1,2}$/.test(text) && Number(text) <= 22) return Number(text);
  throw new UsageError(`--compression-level must be a number from 0 to 22, not ${JSON.stringify(text)}`);
}
