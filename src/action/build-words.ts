import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Inputs } from "./inputs.ts";
import type { ListRules } from "./list-input.ts";
import type { Environment } from "./workflow.ts";

/** A command line of `varve build` with its secrets. */
interface BuildWords {
  /** Arguments of `varve build`. */
  words: string[];
  /** Values of secrets, by the environment variables that contain them. */
  secrets: Record<string, string>;
  /** Inputs whose meaning differs from docker/build-push-action: `name: meaning`. */
  notes: string[];
}

const lines: ListRules = { ignoreComma: true };

/** Inputs that are lists, with the flag for their items and the parsing rules of docker/build-push-action. */
const lists: readonly (readonly [input: string, flag: string, rules?: ListRules])[] = [
  ["add-hosts", "add-host"],
  ["allow", "allow"],
  ["annotations", "annotation", lines],
  ["build-args", "build-arg", lines],
  ["cache-from", "cache-from", lines],
  ["cache-to", "cache-to", lines],
  ["labels", "label", lines],
  ["network-allow", "network-allow"],
  ["no-cache-filters", "no-cache-filter"],
  ["outputs", "output", { ignoreComma: true, quotes: false }],
  ["platforms", "platform"],
  ["ssh", "ssh"],
  ["ulimit", "ulimit", lines],
];
const texts = [
  "builder",
  "cache",
  "call",
  "cgroup-parent",
  "network",
  "runner",
  "server",
  "shm-size",
  "source-date-epoch",
  "target",
  "timestamps",
];
const flags = ["load", "no-cache", "pull", "push"];

/**
 * Converts the inputs to arguments of `varve build`.
 * @throws {CommandError} see `Inputs`
 */
export function buildWords(inputs: Inputs, environment: Environment): BuildWords {
  const words: string[] = [];
  const add = (flag: string, value: string) => void (value !== "" && words.push(`--${flag}=${value}`));
  for (const [input, flag, rules] of lists) for (const item of inputs.list(input, rules)) add(flag, item);
  for (const tag of inputs.list("tags")) add("tag", inLowerCase(tag));
  const context = inputs.text("context");
  add("file", fileOf(inputs.text("file"), context));
  for (const name of texts) add(name, inputs.text(name));
  for (const name of flags) if (inputs.flag(name, false)) words.push(`--${name}`);
  for (const item of inputs.list("build-contexts", lines)) {
    const equals = item.indexOf("=") + 1;
    add("build-context", item.slice(0, equals) + contextOf(item.slice(equals)));
  }
  const attests = inputs.list("attests", lines);
  const sbom = inputs.text("sbom") || attestOf(attests, "sbom");
  const provenance = inputs.text("provenance") || attestOf(attests, "provenance");
  const needsIndex = provenance === "" && sbom === "" && hasLoneIndexAnnotation(inputs);
  add("provenance", provenanceInput(needsIndex ? "mode=max" : provenance, environment));
  add("sbom", sbomOf(sbom));
  const notes: string[] = [];
  const secrets = addSecrets(inputs, add, notes);
  words.push("--progress=plain", "--", contextOf(context));
  notes.push(
    ...inputs
      .list("tags")
      .filter((tag) => inLowerCase(tag) !== tag)
      .map((tag) => `tags: ${tag} is converted to lower case, because image names are in lower case`),
    ...(/\bgenerator=/.test(sbom)
      ? ["sbom: the server itself lists the packages and runs no generator"]
      : []),
  );
  return { words, secrets, notes };
}

/** Lower-cases the name but not the tag: `github.repository` may have capital letters, and image names may not. */
export function inLowerCase(tag: string): string {
  const [name = ""] = tag.split("@", 1);
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const end = colon === -1 ? name.length : colon;
  return tag.slice(0, end).toLowerCase() + tag.slice(end);
}

function contextOf(text: string): string {
  return folderOfDefaultContext(text) ?? (text || ".");
}

/**
 * The folder of the checkout that `{{defaultContext}}:sub` means; undefined for any other text. Docker's actions fetch the
 * repository instead.
 */
export function folderOfDefaultContext(text: string): string | undefined {
  const [all, subfolder = ""] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(text) ?? [];
  return all === undefined ? undefined : subfolder || ".";
}

/** The Dockerfile in the checkout. With docker/build-push-action it is relative to the folder of a default context. */
function fileOf(file: string, context: string): string {
  const folder = folderOfDefaultContext(context);
  return file === "" || folder === undefined || isAbsolute(file) ? file : join(folder, file);
}

/**
 * Whether annotations need an index that the image has only with an attestation. docker/build-push-action attaches a provenance by
 * default, so a workflow may rely on the index.
 */
function hasLoneIndexAnnotation(inputs: Inputs): boolean {
  if (inputs.list("platforms").length > 1 || inputs.flag("load", false)) return false;
  return inputs.list("annotations", lines).some((item) => {
    const [key = ""] = item.split("=", 1);
    const levels = key.slice(0, Math.max(key.indexOf(":"), 0)).split(",");
    return levels.some((level) => level.startsWith("index"));
  });
}

/** The options of an attestation: `mode=max` for `type=provenance,mode=max`; `true` without options. */
function attestOf(attests: readonly string[], type: string): string {
  for (const attest of attests) {
    const fields = attest.split(",").map((field) => field.trim());
    if (fields.includes(`type=${type}`))
      return fields.filter((field) => !field.startsWith("type=")).join(",") || "true";
  }
  return "";
}

/**
 * The options of a provenance. Adds the workflow run as the builder id, like docker/build-push-action, unless the input has one
 * or turns the provenance off.
 */
export function provenanceInput(text: string, environment: Environment): string {
  if (text === "" || /^false$/i.test(text) || /\bbuilder-id=/.test(text)) return text;
  const run = runUrl(environment);
  if (run === undefined) return text;
  return /^true$/i.test(text) ? `builder-id=${run}` : `${text},builder-id=${run}`;
}

/** URL of this workflow run. */
function runUrl(environment: Environment): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = environment;
  if (!server || !repository || !run) return undefined;
  return `${server}/${repository}/actions/runs/${run}/attempts/${environment.GITHUB_RUN_ATTEMPT || "1"}`;
}

export function sbomOf(text: string): string {
  return /(^|,)(false|disabled=true)(,|$)/i.test(text) ? "false" : text && "true";
}

/**
 * Passes values in environment variables, because every process of the machine can read a command line. Like
 * docker/build-push-action, leaves out secrets without a value or file, with a warning: GitHub's secrets are empty in pull
 * requests of forks.
 */
function addSecrets(
  inputs: Inputs,
  add: (flag: string, value: string) => void,
  notes: string[],
): Record<string, string> {
  const values: Record<string, string> = {};
  const pairs = (input: string, rules: ListRules) =>
    inputs.list(input, rules).flatMap((item) => {
      const pair = pairOf(item);
      if ("lack" in pair) notes.push(`${input}: ${pair.lack}, so RUN does not receive it`);
      return "lack" in pair ? [] : [pair];
    });
  for (const [index, { id, value }] of pairs("secrets", { ...lines, keepSpace: true }).entries()) {
    values[`VARVE_ACTION_SECRET_${index}`] = value;
    add("secret", `id=${id},env=VARVE_ACTION_SECRET_${index}`);
  }
  for (const { id, value } of pairs("secret-envs", {})) {
    if (/^\w+$/.test(value)) add("secret", `id=${id},env=${value}`);
    else notes.push(`secret-envs: ${id} does not name a variable, so RUN does not receive it`);
  }
  for (const { id, value } of pairs("secret-files", lines)) {
    if (existsSync(value)) add("secret", `id=${id},"src=${value.replaceAll('"', '""')}"`);
    else notes.push(`secret-files: the file ${value} of ${id} does not exist, so RUN does not receive it`);
  }
  return values;
}

/** Splits `ID=VALUE`. The message does not quote the item, which may be a secret. */
function pairOf(item: string): { id: string; value: string } | { lack: string } {
  const equals = item.indexOf("=");
  const [id, value] = [item.slice(0, equals).trim(), item.slice(equals + 1)];
  if (equals <= 0 || !/^[^\s,"]+$/.test(id)) return { lack: "an item is not ID=VALUE" };
  return value === "" ? { lack: `${id} has no value` } : { id, value };
}
