import { existsSync } from "node:fs";
import type { Inputs } from "./inputs.ts";
import type { ListRules } from "./list-input.ts";
import type { Environment } from "./workflow.ts";

/** A command line and what goes along with it. */
export interface BuildWords {
  /** After `varve build`. */
  words: string[];
  /** Values of secrets by the names of variables that carry them. */
  secrets: Record<string, string>;
  /** Inputs that mean something else here than where they come from: `name: what it means`. */
  notes: string[];
}

const lines: ListRules = { ignoreComma: true };

/** Inputs that are lists, with the flags that take their items and the rules of docker/build-push-action. */
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
  "file",
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
 * The command line of `varve build` that does what the inputs say.
 * @throws {InputError} see `Inputs`
 */
export function buildWords(inputs: Inputs, environment: Environment): BuildWords {
  const words: string[] = [];
  const add = (flag: string, value: string) => void (value !== "" && words.push(`--${flag}=${value}`));
  for (const [input, flag, rules] of lists) for (const item of inputs.list(input, rules)) add(flag, item);
  for (const tag of inputs.list("tags")) add("tag", inLowerCase(tag));
  for (const name of texts) add(name, inputs.text(name));
  for (const name of flags) if (inputs.flag(name, false)) words.push(`--${name}`);
  for (const item of inputs.list("build-contexts", lines)) {
    const equals = item.indexOf("=") + 1;
    add("build-context", item.slice(0, equals) + contextOf(item.slice(equals)));
  }
  const attests = inputs.list("attests", lines);
  add("provenance", provenanceOf(inputs.text("provenance") || attestOf(attests, "provenance"), environment));
  const sbom = inputs.text("sbom") || attestOf(attests, "sbom");
  add("sbom", sbomOf(sbom));
  const notes: string[] = [];
  const secrets = addSecrets(inputs, add, notes);
  words.push("--progress=plain", "--", contextOf(inputs.text("context")));
  notes.push(
    ...inputs
      .list("tags")
      .filter((tag) => inLowerCase(tag) !== tag)
      .map((tag) => `tags: ${tag} is written in lower case, as names of images are`),
    ...(/\bgenerator=/.test(sbom) ? ["sbom: packages are found by the server, and no generator is run"] : []),
  );
  return { words, secrets, notes };
}

/** `github.repository` may have capital letters, and names of images may not; tags may. */
function inLowerCase(tag: string): string {
  const [name = ""] = tag.split("@", 1);
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const end = colon === -1 ? name.length : colon;
  return tag.slice(0, end).toLowerCase() + tag.slice(end);
}

/** The checkout stands for what docker/build-push-action fetches anew: `{{defaultContext}}:sub` is a folder of it. */
function contextOf(text: string): string {
  const [all, subfolder = ""] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(text) ?? [];
  return all === undefined ? text || "." : subfolder || ".";
}

/** Of `type=provenance,mode=max` what follows the type; `true` when nothing does. */
function attestOf(attests: readonly string[], type: string): string {
  for (const attest of attests) {
    const fields = attest.split(",").map((field) => field.trim());
    if (fields.includes(`type=${type}`))
      return fields.filter((field) => !field.startsWith("type=")).join(",") || "true";
  }
  return "";
}

/** As docker/build-push-action, names the run as the builder, unless the input names another. */
function provenanceOf(text: string, environment: Environment): string {
  if (text === "" || /\bbuilder-id=/.test(text)) return text;
  const run = runUrl(environment);
  return run === undefined ? text : `${text},builder-id=${run}`;
}

/** The page of this run. */
function runUrl(environment: Environment): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = environment;
  if (!server || !repository || !run) return undefined;
  return `${server}/${repository}/actions/runs/${run}/attempts/${environment.GITHUB_RUN_ATTEMPT || "1"}`;
}

function sbomOf(text: string): string {
  return /(^|,)(false|disabled=true)(,|$)/i.test(text) ? "false" : text && "true";
}

/**
 * Values go through variables, because every process of the machine can read a command line. As docker/build-push-action, a
 * secret without a value or a file is left out with a warning: in pull requests of forks, GitHub's secrets are empty.
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
    else notes.push(`secret-envs: ${id} has no name of a variable, so RUN does not receive it`);
  }
  for (const { id, value } of pairs("secret-files", lines)) {
    if (existsSync(value)) add("secret", `id=${id},"src=${value.replaceAll('"', '""')}"`);
    else notes.push(`secret-files: the file ${value} of ${id} does not exist, so RUN does not receive it`);
  }
  return values;
}

/** What is no pair is not quoted: it may be a value. */
function pairOf(item: string): { id: string; value: string } | { lack: string } {
  const equals = item.indexOf("=");
  const [id, value] = [item.slice(0, equals).trim(), item.slice(equals + 1)];
  if (equals <= 0 || !/^[^\s,"]+$/.test(id)) return { lack: "an item is not ID=VALUE" };
  return value === "" ? { lack: `${id} has no value` } : { id, value };
}
