import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CommandError } from "../command/command-error.ts";
import { folderOfDefaultContext, provenanceInput, sbomOf } from "./build-words.ts";
import type { Inputs } from "./inputs.ts";
import type { Environment } from "./workflow.ts";

/** A command line of `varve bake`. */
interface BakeWords {
  /** Arguments of `varve bake`. */
  words: string[];
  /** Working directory, in which the files are. */
  folder: string;
}

/** Flags of `varve bake` by inputs, as in docker/bake-action. */
const booleans = ["load", "push", "no-cache", "pull"];

/**
 * Converts the inputs to arguments of `varve bake`.
 * @throws {CommandError} see `Inputs`, and when the source is not on this machine
 */
export function bakeWords(inputs: Inputs, environment: Environment): BakeWords {
  const words: string[] = [];
  const add = (flag: string, value: string) => void (value !== "" && words.push(`--${flag}=${value}`));
  const here = resolve(inputs.text("workdir") || ".");
  const source = inputs.text("source");
  const folder = resolve(here, folderOfDefaultContext(source) ?? (source || "."));
  if (!existsSync(folder)) {
    throw new CommandError(
      `the input source must be a folder of this machine, not "${source}": check the repository out first`,
    );
  }
  // Like docker/bake-action: a user who can change the files can also change the workflow.
  for (const right of [...inputs.list("allow"), "fs=*"]) add("allow", right);
  for (const file of inputs.list("files")) add("file", file.replace(/^cwd:\/\//, `${here}/`));
  const lines = { ignoreComma: true, quotes: false };
  for (const override of inputs.list("set", lines)) add("set", override);
  for (const variable of inputs.list("vars", lines)) add("var", variable);
  for (const name of booleans) if (inputs.flag(name, false)) words.push(`--${name}`);
  add("provenance", provenanceInput(inputs.text("provenance"), environment));
  add("sbom", sbomOf(inputs.text("sbom")));
  for (const name of ["builder", "call", "runner", "server"]) add(name, inputs.text(name));
  words.push("--", ...inputs.list("targets"));
  return { words, folder };
}
