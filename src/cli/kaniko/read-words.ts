import { UsageError } from "../../command/command-error.ts";
import type { FlagValues } from "../../command/flags/table.ts";
import { parseImageName } from "../../command/outputs/own-name.ts";
import { parseReference } from "../../oci/reference.ts";
import type { executorFlags } from "./executor-flags.ts";

type Values = FlagValues<typeof executorFlags>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The flags of kaniko's executor, translated to a build of varve. */
interface ExecutorWords {
  /** Words of `varve build` that mean the same, without context and Dockerfile. */
  words: readonly string[];
  /** Destinations in full, with host and tag. Empty with --no-push. */
  pushes: readonly string[];
  /** All destinations in full. */
  destinations: readonly string[];
  warnings: readonly string[];
}

/**
 * @param environment for build arguments without a value, KANIKO_NO_PUSH and settings without effect
 * @throws {UsageError}
 */
export function readExecutorWords(values: Values, environment: Environment): ExecutorWords {
  const isPushed = !(readBool(environment, "KANIKO_NO_PUSH") ?? values["no-push"] ?? false);
  if (isPushed && values.destination.length === 0)
    throw new UsageError("varve kaniko needs --destination, or --no-push");
  for (const flag of ["image-name-with-digest-file", "image-name-tag-with-digest-file"] as const) {
    if (values[flag] !== undefined && values.destination.length === 0)
      throw new UsageError(`--${flag} needs --destination`);
  }
  const destinations = values.destination.map(inFull);
  const words = [
    ...each("--tag", destinations),
    ...each(
      "--build-arg",
      values["build-arg"].map((text) => withValue(text, environment)),
    ),
    ...each("--label", values.label),
    ...one("--compression", values.compression),
    ...one("--platform", values["custom-platform"] ?? values.customPlatform),
    ...one("--target", values.target),
    ...one("--tar-path", values["tar-path"] ?? values.tarPath),
    ...one("--oci-layout-path", values["oci-layout-path"]),
    ...one("--runner", values.runner),
    ...one("--server", values.server),
    ...one("--token", values.token),
    ...(values.cache === false ? ["--no-cache"] : []),
    ...(values.reproducible ? ["--reproducible"] : []),
    ...one("--progress", progressOf(values)),
  ];
  return { words, destinations, pushes: isPushed ? destinations : [], warnings: warningsOf(environment) };
}

function each(flag: string, texts: readonly string[]): string[] {
  return texts.map((text) => `${flag}=${text}`);
}

function one(flag: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`${flag}=${text}`];
}

/** Like kaniko, sets an argument to the empty text when the environment lacks it. */
function withValue(text: string, environment: Environment): string {
  return text.includes("=") ? text : `${text}=${environment[text] ?? ""}`;
}

/** A name with its host and tag, as kaniko completes it. */
function inFull(text: string): string {
  const { host, path, tag, digest } = parseImageName(text);
  if (digest !== undefined) throw new UsageError(`--destination must be a name with a tag, not ${text}`);
  return `${host}/${path}:${tag ?? "latest"}`;
}

/** The name as kaniko writes it, where Docker Hub is `index.docker.io`. @param name in full */
export function kanikoName(name: string): { repository: string; tag: string } {
  const { host, path, tag = "latest" } = parseReference(name);
  return { repository: `${host === "docker.io" ? "index.docker.io" : host}/${path}`, tag };
}

function progressOf(values: Values): string | undefined {
  if (["panic", "fatal", "error"].includes(values.verbosity ?? "")) return "none";
  switch (values["log-format"]) {
    case "json":
      return "rawjson";
    case "text":
      return "plain";
    default:
      return undefined;
  }
}

/** Go's `strconv.ParseBool`. */
function readBool(environment: Environment, name: string): boolean | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new UsageError(`${name} must be true or false, not ${JSON.stringify(text)}`);
}

function warningsOf(environment: Environment): string[] {
  return ["KANIKO_REGISTRY_MIRROR", "KANIKO_REGISTRY_MAP"]
    .filter((name) => environment[name])
    .map((name) => `${name} has no effect: the server fetches base images: its operator sets VARVE_MIRRORS`);
}
