import { InputError, type Inputs } from "./inputs.ts";
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
  "server",
  "shm-size",
  "source-date-epoch",
  "target",
  "timestamps",
];
const flags = ["load", "no-cache", "pull", "push"];

/**
 * The command line of `varve build` that does what the inputs say.
 * @throws {InputError}
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
  const secrets = addSecrets(inputs, add);
  words.push("--progress=plain", "--", contextOf(inputs.text("context")));
  const notes = [
    ...inputs
      .list("tags")
      .filter((tag) => inLowerCase(tag) !== tag)
      .map((tag) => `tags: ${tag} is written in lower case, as names of images are`),
    ...(/\bgenerator=/.test(sbom) ? ["sbom: packages are found by the server, and no generator is run"] : []),
  ];
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

/** Values go through variables, for a command line can be seen by everybody on the machine. */
function addSecrets(inputs: Inputs, add: (flag: string, value: string) => void): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [index, item] of inputs.list("secrets", { ...lines, keepSpace: true }).entries()) {
    const [id, value] = pairOf(item, "secrets");
    values[`VARVE_ACTION_SECRET_${index}`] = value;
    add("secret", `id=${id},env=VARVE_ACTION_SECRET_${index}`);
  }
  for (const item of inputs.list("secret-envs")) {
    const [id, name] = pairOf(item, "secret-envs");
    add("secret", `id=${id},env=${name}`);
  }
  for (const item of inputs.list("secret-files", lines)) {
    const [id, file] = pairOf(item, "secret-files");
    add("secret", `id=${id},"src=${file.replaceAll('"', '""')}"`);
  }
  return values;
}

/** The value of a secret is not told: neither is what has no `=`, which may be one. */
function pairOf(item: string, input: string): [id: string, value: string] {
  const equals = item.indexOf("=");
  const [id, value] = [item.slice(0, equals).trim(), item.slice(equals + 1)];
  if (equals > 0 && /^[^\s,"]+$/.test(id) && value !== "") return [id, value];
  throw new InputError(`an item of the input ${input} is not ID=VALUE`);
}
