import { parseArgs } from "node:util";
import type { BuildOptions } from "../../schemas/options.ts";
import {
  parseSecretFlag,
  parseSshFlag,
  SecretFlagError,
  type SecretSource,
  type SshSource,
} from "../machine/secret-flags.ts";
import { CommandError } from "./command-error.ts";
import { serverFlag } from "./server-flag.ts";

const progressKinds = ["plain", "rawjson", "quiet"] as const;
export type ProgressKind = (typeof progressKinds)[number];

/** Who carries out RUN: this machine, the server's own runners, or this machine where that is of use and possible. */
const runnerKinds = ["auto", "local", "pool"] as const;
export type RunnerKind = (typeof runnerKinds)[number];

/** What `varve build` was asked for. */
export interface BuildFlags {
  /** A folder, or `-`. */
  context: string;
  /** As it was written: relative to the working directory, or `-`. */
  file: string | undefined;
  options: Partial<BuildOptions>;
  progress: ProgressKind;
  /** Print the image ID and nothing else. */
  quiet: boolean;
  iidfile: string | undefined;
  server: string;
  runner: RunnerKind;
  secrets: SecretSource[];
  ssh: SshSource[];
}

/**
 * Reads flags spelled as docker spells them.
 * @param environment for build arguments that are named without a value, and VARVE_SERVER
 * @throws {CommandError}
 */
export function readBuildFlags(args: string[], environment: Record<string, string | undefined>): BuildFlags {
  const { values, positionals } = parse(args);
  const [context] = positionals;
  if (context === undefined || positionals.length > 1) {
    throw new CommandError(
      `varve build takes one argument, and got ${positionals.length}`,
      "varve build [flags] PATH | -",
    );
  }
  const progress = values.quiet ? "quiet" : (values.progress ?? "plain");
  if (!isProgressKind(progress)) {
    throw new CommandError(`--progress is one of ${progressKinds.join(", ")}, not "${progress}"`);
  }
  const runner = values.runner ?? "auto";
  if (!isRunnerKind(runner)) {
    throw new CommandError(`--runner is one of ${runnerKinds.join(", ")}, not "${runner}"`);
  }
  return {
    context,
    file: values.file,
    options: {
      tags: values.tag ?? [],
      ...(values.target !== undefined && { target: values.target }),
      buildArgs: readBuildArgs(values["build-arg"] ?? [], environment),
      labels: Object.fromEntries((values.label ?? []).map(splitPair)),
      platforms: (values.platform ?? []).flatMap((list) => list.split(",")).filter(Boolean),
      noCache: values["no-cache"] ?? false,
      pull: values.pull ?? false,
    },
    progress,
    quiet: values.quiet ?? false,
    iidfile: values.iidfile,
    server: serverFlag(values.server, environment),
    runner,
    secrets: (values.secret ?? []).map((text) => parsed(parseSecretFlag, text)),
    ssh: (values.ssh ?? []).map(parseSshFlag),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        tag: { type: "string", short: "t", multiple: true },
        file: { type: "string", short: "f" },
        target: { type: "string" },
        "build-arg": { type: "string", multiple: true },
        label: { type: "string", multiple: true },
        platform: { type: "string", multiple: true },
        "no-cache": { type: "boolean" },
        pull: { type: "boolean" },
        progress: { type: "string" },
        quiet: { type: "boolean", short: "q" },
        iidfile: { type: "string" },
        server: { type: "string" },
        runner: { type: "string" },
        secret: { type: "string", multiple: true },
        ssh: { type: "string", multiple: true },
      },
    });
  } catch (error) {
    throw new CommandError((error as Error).message, "varve build [flags] PATH | -");
  }
}

/** One without a value takes it from the environment, and is not given when that has none. */
function readBuildArgs(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): Record<string, string> {
  const read: Record<string, string> = {};
  for (const arg of args) {
    const [name, value] = arg.includes("=") ? splitPair(arg) : [arg, environment[arg]];
    if (value !== undefined) read[name] = value;
  }
  return read;
}

function splitPair(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

function isRunnerKind(text: string): text is RunnerKind {
  return (runnerKinds as readonly string[]).includes(text);
}

function parsed<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SecretFlagError)) throw error;
    throw new CommandError(error.message);
  }
}

function isProgressKind(text: string): text is ProgressKind {
  return (progressKinds as readonly string[]).includes(text);
}
