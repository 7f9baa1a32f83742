import { join } from "node:path";
import type { BuildOptions, Entitlement } from "../../../schemas/options.ts";
import {
  parseSecretFlag,
  parseSshFlag,
  type SecretSource,
  type SshSource,
} from "../../machine/secret-flags.ts";
import type { StepSettings } from "../../runner/runner-options.ts";
import { UsageError } from "../command-error.ts";
import { readAttests } from "./attest-flags.ts";
import type { buildFlagTable } from "./build-flag-table.ts";
import { type BuildCall, readCall } from "./call-flag.ts";
import { namedPair, readAnnotations, readBuildArgs, readNamedContexts } from "./named-values.ts";
import { imageSettingsOf, type Output, type OutputFlag, readOutput } from "./outputs.ts";
import { readPlatforms } from "./platform-flags.ts";
import { readRunSettings } from "./run-settings.ts";
import { serverFlag } from "./server-flag.ts";
import { progressKinds, type runnerKinds } from "./shared-flags.ts";
import { readStepSettings } from "./step-flags.ts";
import type { FlagValues } from "./table.ts";

export type ProgressKind = (typeof progressKinds)[number];
type RunnerKind = (typeof runnerKinds)[number];

/** Parsed flags of `varve build`. */
export interface BuildFlags {
  /** A folder, a tar, a URL, or `-`. */
  context: string;
  /** As it was written: relative to the working directory, or `-`. */
  file: string | undefined;
  /** Without named contexts of this machine, and without the time of a commit. */
  options: Partial<BuildOptions>;
  /** Name → source, as written. */
  namedContexts: Readonly<Record<string, string>>;
  /** The time of the image is that of the context's commit. */
  isEpochOfContext: boolean;
  /** The flag's value: `true`, `mode=max`. */
  provenance: string | undefined;
  outputs: readonly Output[];
  /** Names of the image, as `--metadata-file` has them. */
  names: readonly string[];
  /** The result is only for the build cache: nothing is printed about it. */
  isCacheOnly: boolean;
  /** Warnings about flags without effect, one sentence each. */
  warnings: readonly string[];
  call: BuildCall;
  progress: ProgressKind;
  /** Print the image ID and nothing else. */
  quiet: boolean;
  iidfile: string | undefined;
  digestFile: string | undefined;
  metadataFile: string | undefined;
  server: string;
  token: string | undefined;
  runner: RunnerKind;
  secrets: SecretSource[];
  ssh: SshSource[];
  /** The permissions of the steps that this machine executes. */
  steps: StepSettings;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Interprets the flags of a build.
 * @param environment for build arguments that are named without a value, VARVE_SERVER, SOURCE_DATE_EPOCH,
 * DOCKER_DEFAULT_PLATFORM and BUILDKIT_PROGRESS
 * @throws {UsageError}
 */
export function readBuildFlags(
  values: FlagValues<typeof buildFlagTable>,
  args: readonly string[],
  environment: Environment,
): BuildFlags {
  const given = values.output.map(readOutput);
  const outputs = outputsOf(given, values);
  const tags = [...values.tag, ...values.destination];
  if (tags.includes("")) throw new UsageError('invalid tag "": invalid reference format');
  // As with buildx, tags go before the names of outputs.
  const names = tags.length > 0 ? tags : [...new Set(given.flatMap((output) => output.names))];
  if (names.length === 0 && outputs.some(({ type }) => type === "registry"))
    throw new UsageError("tag is needed when pushing to registry", "Set --tag registry.example/team/app");
  const isCacheOnly =
    given.length > 0 && outputs.length === 0 && given.every(({ type }) => type === "cacheonly");
  const epoch = values["source-date-epoch"] ?? environment.SOURCE_DATE_EPOCH;
  const buildArgs = readBuildArgs(values["build-arg"], environment);
  // Its last word is the build argument's, as with docker.
  const isEpochOfContext = (buildArgs.SOURCE_DATE_EPOCH ?? epoch) === "context";
  if (isEpochOfContext) delete buildArgs.SOURCE_DATE_EPOCH;
  const attests = readAttests(values);
  return {
    context: contextOf(values, args),
    file: values.file ?? values.dockerfile,
    options: {
      tags: names,
      ...(isByDigest(given, outputs) && { byDigest: true }),
      ...(values.target !== undefined && { target: values.target }),
      buildArgs,
      labels: Object.fromEntries(values.label.map(namedPair)),
      ...imageSettings(given, values),
      platforms: [...readPlatforms(values.platform, environment), ...lists(values["custom-platform"])],
      noCache: values["no-cache"] ?? false,
      ...((values.cache === "max" || values.cache === "min") && { cache: values.cache }),
      ...(values["no-cache-filter"].length > 0 && { noCacheFilter: lists(values["no-cache-filter"]) }),
      pull: values.pull ?? false,
      ...readRunSettings(values),
      ...entitlementsOf(values),
      ...(epoch && !isEpochOfContext && { sourceDateEpoch: readEpoch(epoch) }),
      ...timestampsOf(values),
      ...(attests.sbom && { sbom: true }),
      ...(values.attestations === "referrers" && { attestations: "referrers" as const }),
    },
    namedContexts: readNamedContexts(values["build-context"]),
    isEpochOfContext,
    provenance: attests.provenance,
    outputs,
    names,
    isCacheOnly,
    warnings: [
      ...attests.warnings,
      ...given.flatMap(({ ignored }) =>
        ignored.map(([key, reason]) => `--output key ${key} has no effect: ${reason}`),
      ),
    ],
    call: readCall(values.check ? "check" : (values.call ?? "build")),
    progress: values.quiet
      ? quietProgress(values.progress)
      : readProgressKind(values.progress ?? environment.BUILDKIT_PROGRESS),
    quiet: values.quiet ?? false,
    iidfile: values.iidfile,
    digestFile: values["digest-file"],
    metadataFile: values["metadata-file"],
    server: serverFlag(values.server, environment),
    token: values.token,
    runner: (values.runner as RunnerKind | undefined) ?? "auto",
    secrets: values.secret.map((text) => parseValue(parseSecretFlag, text)),
    ssh: values.ssh.map(parseSshFlag),
    steps: readStepSettings({ "network-allow": values["network-allow"] }, environment),
  };
}

/** A copy of the schema's list, because loading the schema would slow down every build. */
const RIGHTS: readonly string[] = ["network.host", "security.insecure"] satisfies Entitlement[];

/** The granted entitlements. As with docker, `--network host` implies its own. */
function entitlementsOf({ allow, network }: FlagValues<typeof buildFlagTable>): { allow?: Entitlement[] } {
  const rights = new Set(readRights(allow));
  if (network === "host") rights.add("network.host");
  return rights.size === 0 ? {} : { allow: [...rights] };
}

function readRights(names: readonly string[]): readonly Entitlement[] {
  const unknown = names.find((name) => !RIGHTS.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--allow must be one of ${RIGHTS.join(", ")}, not ${JSON.stringify(unknown)}`);
  return names as readonly Entitlement[];
}

function contextOf(values: FlagValues<typeof buildFlagTable>, args: readonly string[]): string {
  const context = args[0] ?? values.context?.replace(/^(dir|tar):\/\//, "");
  if (context === undefined)
    throw new UsageError(
      "varve build requires 1 argument, but got 0",
      "Pass the context, e.g. a folder: varve build [OPTIONS] PATH | URL | -",
    );
  if (context === "-" && (values.file ?? values.dockerfile) === "-")
    throw new UsageError("stdin cannot be both the context and the Dockerfile");
  const below = values["context-sub-path"];
  return below === undefined ? context : join(context, below);
}

/** The option that chooses the times of files. `--reproducible` is kaniko's name of `--timestamps=fixed`. */
function timestampsOf({
  timestamps,
  reproducible,
}: {
  timestamps: string | undefined;
  reproducible: boolean | undefined;
}): Partial<Pick<BuildOptions, "timestamps">> {
  const chosen = timestamps ?? (reproducible ? "fixed" : undefined);
  return chosen === undefined ? {} : { timestamps: chosen as BuildOptions["timestamps"] };
}

/** The settings of the image in flags and outputs. */
function imageSettings(
  given: readonly OutputFlag[],
  { annotation, compression }: FlagValues<typeof buildFlagTable>,
): Partial<BuildOptions> {
  const { annotations, ...settings } = imageSettingsOf(given);
  const all = { ...annotations, ...readAnnotations(annotation) };
  return {
    ...(compression !== undefined && { compression: compression as "gzip" | "zstd" }),
    ...settings,
    ...(Object.keys(all).length > 0 && { annotations: all }),
  };
}

/** Whether the names are not tags: an output requests that, and no output needs tags. */
function isByDigest(given: readonly OutputFlag[], outputs: readonly Output[]): boolean {
  const isTagPushed = outputs.some((output) => output.type === "registry" && !output.byDigest);
  return (
    !isTagPushed &&
    given.some(({ isTagged }) => isTagged === false) &&
    !given.some(({ isTagged }) => isTagged)
  );
}

function outputsOf(given: readonly OutputFlag[], values: FlagValues<typeof buildFlagTable>): Output[] {
  const outputs = given.flatMap(({ output }) => output ?? []);
  const add = (output: Output) => {
    if (!outputs.some(({ type }) => type === output.type)) outputs.push(output);
  };
  if (values.push || (values.destination.length > 0 && !values["no-push"]))
    add({ type: "registry", names: [], byDigest: false });
  if (values.load) add({ type: "load", names: [] });
  const tar = values["tar-path"];
  if (tar !== undefined) outputs.push({ type: "docker", dest: tar, isTar: true, names: [] });
  const layout = values["oci-layout-path"];
  if (layout !== undefined) outputs.push({ type: "oci", dest: layout, isTar: false, names: [] });
  if (outputs.filter((output) => "dest" in output && output.dest === "-").length > 1)
    throw new UsageError("only one output can go to stdout");
  if (values.iidfile !== undefined && outputs.some(({ type }) => type === "local" || type === "tar"))
    throw new UsageError("--iidfile cannot be used with local and tar outputs, which have no image ID");
  return outputs;
}

export function readProgressKind(text: string | undefined): ProgressKind {
  const kind = text || "auto";
  if ((progressKinds as readonly string[]).includes(kind)) return kind as ProgressKind;
  throw new UsageError(`BUILDKIT_PROGRESS must be one of ${progressKinds.join(", ")}, not "${kind}"`);
}

function quietProgress(asked: string | undefined): ProgressKind {
  if (asked === undefined || ["", "auto", "none", "quiet"].includes(asked)) return "quiet";
  throw new UsageError(`progress=${asked} and quiet cannot be used together`);
}

function readEpoch(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(
    `the source date epoch must be a number of seconds since 1970, or "context", not "${text}"`,
  );
}

function lists(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter(Boolean);
}

function parseValue<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message);
  }
}
