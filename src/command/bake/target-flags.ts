import { isAbsolute, join } from "node:path";
import { isRemoteContext } from "../../bake/read.ts";
import { type BakeTarget, TARGET_PREFIX } from "../../bake/resolve.ts";
import { UsageError } from "../command-error.ts";
import { buildFlagTable } from "../flags/build-flag-table.ts";
import { type BuildFlags, readBuildFlags } from "../flags/build-flags.ts";
import { parseFlags } from "../flags/parse.ts";
import type { BakeFlags } from "./bake-flag-table.ts";

/** The inputs of a target that depend on the machine that builds it. */
interface TargetSources {
  /** The file with the target's inline Dockerfile. */
  inlineFile: string | undefined;
  /** Images of the targets that are contexts of this one, by target. */
  images: ReadonlyMap<string, string>;
  /** Rights that the caller grants to RUN. */
  rights: readonly string[];
}

/**
 * A target as flags of `varve build`.
 * @throws {UsageError} with the name of the target
 */
export function targetFlags(
  name: string,
  target: BakeTarget,
  command: BakeFlags,
  sources: TargetSources,
): BuildFlags {
  try {
    const words = targetWords(target, sources);
    const { values, args } = parseFlags(buildFlagTable, words);
    const { progress, runner, server, token } = command;
    const all = { ...values, progress, runner, server, token, allow: [...values.allow, ...sources.rights] };
    // The epoch is an argument of the target already, and buildx has no default platform for targets.
    const environment = { ...process.env, SOURCE_DATE_EPOCH: undefined, DOCKER_DEFAULT_PLATFORM: undefined };
    return readBuildFlags(all, args, environment);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`target ${name}: ${error.message}`, error.hint);
    throw error;
  }
}

function targetWords({ values, isLinked }: BakeTarget, { inlineFile, images }: TargetSources): string[] {
  const pairs = (flag: string, map: ReadonlyMap<string, string> = new Map()) =>
    [...map].map(([key, value]) => `--${flag}=${key}=${value}`);
  const each = (flag: string, list: readonly string[] = []) => list.map((value) => `--${flag}=${value}`);
  const one = (flag: string, value: string | boolean | undefined) =>
    value === undefined ? [] : [`--${flag}=${value}`];
  const contexts = new Map(
    [...(values.contexts ?? [])].map(([key, source]) => [
      key,
      source.startsWith(TARGET_PREFIX)
        ? (images.get(source.slice(TARGET_PREFIX.length)) ?? source)
        : source.replace(/^cwd:\/\//, ""),
    ]),
  );
  return [
    ...pairs("build-arg", values.args),
    ...pairs("label", values.labels),
    ...pairs("build-context", contexts),
    // compose joins the addresses of a host with commas.
    ...[...(values["extra-hosts"] ?? [])].flatMap(([host, addresses]) =>
      addresses.split(",").map((address) => `--add-host=${host}:${address}`),
    ),
    ...each("annotation", values.annotations),
    ...each("attest", values.attest),
    ...each("tag", isLinked ? [] : values.tags),
    ...each("cache-from", values["cache-from"]),
    ...each("cache-to", values["cache-to"]),
    ...each("secret", values.secret),
    ...each("ssh", values.ssh),
    ...each("platform", values.platforms),
    ...each("output", isLinked ? [] : values.output),
    ...each("no-cache-filter", values["no-cache-filter"]),
    ...each("ulimit", values.ulimits),
    ...each("allow", values.entitlements),
    ...one("target", values.target),
    ...one("network", values.network),
    ...one("shm-size", values["shm-size"]),
    ...one("pull", values.pull),
    ...one("no-cache", values["no-cache"]),
    ...one("call", values.call),
    ...one("file", inlineFile ?? dockerfileOf(values)),
    "--",
    values.context,
  ];
}

/** bake names the Dockerfile relative to the context, `varve build` relative to the working directory. */
function dockerfileOf({ context, dockerfile }: BakeTarget["values"]): string | undefined {
  const file = dockerfile.replace(/^cwd:\/\//, "");
  if (dockerfile !== file || isAbsolute(file)) return file;
  if (isRemoteContext(context)) return file;
  return file === "Dockerfile" ? undefined : join(context, file);
}
