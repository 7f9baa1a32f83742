import type { Draft } from "../draft.ts";
import type { Random } from "../random.ts";
import { generateContext, generateIgnore } from "./context.ts";
import { generateInstruction } from "./instructions.ts";

/** More kinds of instructions and files than `generate.ts`, of which not all differences are explained. */
export function generateWide(random: Random, name: string, isNewer = false): Draft {
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
