import type { Case, ContextEntry } from "../case.ts";
import { generateContext, generateIgnore } from "./context.ts";
import { generateInstruction } from "./instructions.ts";
import type { Random } from "./random.ts";

/**
 * A random case in parts that can be removed one by one. What a docker of 0.13 does differently from newer BuildKit, or
 * cannot do at all, is generated only for a newer one:
 *
 * - `--exclude`, `--parents`, `--unpack`, symbolic modes and patterns in variables: only its labs frontend has them, which
 *   cannot be fetched.
 * - `--link`: Docker's own image store copies as without it.
 * - `--chmod` where directories are made on the way: newer BuildKit gives them the mode, too.
 * - `ADD --chown` of archives: newer BuildKit gives their members the owner, too.
 * - EXPOSE, HEALTHCHECK and ARG: newer BuildKit writes other lines of history.
 * - A user without /etc/group: newer BuildKit finds it.
 * - Another /etc/passwd: docker fails when it is a directory, and waits forever when it is a pipe.
 */
export interface Draft {
  name: string;
  /** Of the Dockerfile, each with its heredoc. */
  instructions: string[];
  context: Record<string, ContextEntry>;
  /** Lines of the ignore file. */
  ignore: string[];
  /** The Dockerfile has an ignore file of its own. */
  hasOwnIgnoreFile?: boolean;
  target?: string;
}

export function caseOf({ name, instructions, context, ignore, hasOwnIgnoreFile, target }: Draft): Case {
  const ignoreFile = hasOwnIgnoreFile ? "Dockerfile.dockerignore" : ".dockerignore";
  const files = { ...context, ...(ignore.length > 0 && { [ignoreFile]: `${ignore.join("\n")}\n` }) };
  return {
    name,
    dockerfile: `${instructions.join("\n")}\n`,
    context: files,
    ...(target !== undefined && { target }),
  };
}

export function generate(random: Random, name: string, isNewer = false): Draft {
  const context = generateContext(random);
  const paths = Object.keys(context);
  const stages = random.count(1, 3);
  const instructions: string[] = [];
  if (isNewer && random.chance(0.1)) instructions.push("ARG BASE=varve/busybox:1");
  const hasBaseArg = instructions.length > 0;
  /** By stage, whether it has a shell. */
  const shells: boolean[] = [];
  for (let stage = 0; stage < stages; stage++) {
    const { base, hasShell } = generateBase(random, shells, hasBaseArg);
    shells.push(hasShell);
    instructions.push(`FROM ${base} AS s${stage}`);
    for (let left = random.count(1, 5); left > 0; left--)
      instructions.push(generateInstruction({ random, paths, isNewer, stage, hasShell }));
  }
  return {
    name,
    instructions,
    context,
    ignore: random.chance(0.4) ? generateIgnore(random, paths) : [],
    ...(random.chance(0.1) && { hasOwnIgnoreFile: true }),
    ...(stages > 1 && random.chance(0.1) && { target: `s${random.count(0, stages - 1)}` }),
  };
}

function generateBase(
  random: Random,
  shells: readonly boolean[],
  hasBaseArg: boolean,
): { base: string; hasShell: boolean } {
  if (shells.length > 0 && random.chance(0.3)) {
    const stage = random.count(0, shells.length - 1);
    return { base: `s${stage}`, hasShell: shells[stage] ?? false };
  }
  const base = random.pick([
    "scratch",
    "varve/busybox:1",
    "varve/busybox:1",
    "varve/layered:1",
    hasBaseArg ? "$BASE" : "varve/busybox:1",
  ]);
  return { base, hasShell: base === "varve/busybox:1" || base === "$BASE" };
}
