import { existsSync } from "node:fs";
import { join } from "node:path";
import { inLowerCase } from "../../../src/action/build-words.ts";
import { type ListRules, readList } from "../../../src/action/list-input.ts";

const lines: ListRules = { ignoreComma: true };

/** Inputs that docker/build-push-action passes on, by the flag of `docker buildx build`. */
const lists: readonly (readonly [input: string, flag: string, rules?: ListRules])[] = [
  ["add-hosts", "add-host"],
  ["allow", "allow"],
  ["annotations", "annotation", lines],
  ["build-args", "build-arg", lines],
  ["build-contexts", "build-context", lines],
  ["labels", "label", lines],
  ["no-cache-filters", "no-cache-filter"],
  ["ssh", "ssh"],
  ["ulimit", "ulimit", lines],
];
const texts = ["cgroup-parent", "network", "shm-size", "target"];
/** Outputs that write files of the machine. */
const isFile = (output: string) => /^[^=]+$|type=(?:local|tar)|dest=/.test(output);

/**
 * Words of `docker buildx build` for the inputs of docker/build-push-action (its src/context.ts), except where the result
 * goes: the image is written into an OCI layout, and pushed and loaded nowhere. Caches are left out, because they do not
 * change the result, and so is the provenance that was not requested and the image does not need, and the list of packages, whose generator is an image.
 * @param options the folder of the checkout, the file of the layout, and a folder for the values of secrets
 */
export function buildxWords(
  inputs: Record<string, string>,
  { workspace, layout, secrets }: { workspace: string; layout: string; secrets: string },
): { words: string[]; files: Record<string, string> } {
  const list = (name: string, rules?: ListRules) => readList(inputs[name] ?? "", rules);
  const files: Record<string, string> = {};
  const words: string[] = [];
  for (const [input, flag, rules] of lists)
    for (const item of list(input, rules)) words.push(`--${flag}`, item);
  // buildx rejects capital letters, which the Action converts.
  for (const tag of list("tags")) words.push("--tag", inLowerCase(tag));
  for (const name of texts) if (inputs[name]) words.push(`--${name}`, inputs[name]);
  if (list("platforms").length > 0) words.push("--platform", list("platforms").join(","));
  for (const item of list("secrets", { ...lines, keepSpace: true })) {
    const [, id = "", value] = /^([^=]+)=(.*)$/s.exec(item) ?? [];
    if (!value) continue;
    files[id.trim()] = value;
    words.push("--secret", `id=${id.trim()},src=${join(secrets, id.trim())}`);
  }
  for (const item of list("secret-files", lines)) {
    const [id = "", path = ""] = item.split("=");
    if (path && existsSync(join(workspace, path))) words.push("--secret", `id=${id},src=${path}`);
  }
  for (const item of list("secret-envs")) {
    const [id = "", name = ""] = item.split("=");
    if (name) words.push("--secret", `id=${id},env=${name}`);
  }
  // Only an attestation gives an image of one platform the index that its annotations need.
  const needsIndex =
    list("platforms").length < 2 && list("annotations", lines).some((item) => item.startsWith("index"));
  words.push("--provenance", inputs.provenance || (needsIndex ? "mode=max" : "false"));
  if (inputs.pull === "true") words.push("--pull");
  const outputs = list("outputs", { ...lines, quotes: false });
  for (const output of outputs.filter(isFile)) words.push("--output", output);
  words.push("--output", `type=oci,dest=${layout}`);
  const [, folder] = /^\{\{\s*defaultContext\s*\}\}:?(.*)$/.exec(inputs.context ?? "") ?? [];
  // A Dockerfile of a git context is relative to its folder.
  const context = folder === undefined ? inputs.context || "." : folder || ".";
  if (inputs.file) words.push("--file", folder === undefined ? inputs.file : join(context, inputs.file));
  return { words: [...words, context], files };
}
