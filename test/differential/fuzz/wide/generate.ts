// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Draft } from "../draft.ts";
import type { Random } from "../random.ts";
import { generateContext, generateIgnore } from "./context.ts";
import { generateInstruction } from "./instructions.ts";

/** More kinds of instructions and files than `generate.ts`; not all of their differences are explained. */
export function generateWide(random: Random, name: string, isNewer = false): Draft {
  const context = generateContext(random);
  const paths = Object.keys(context);
  const stages = random.count(1, 3);
  const hasBaseArg = random.chance(0.2);
  const instructions: string[] = hasBaseArg
    ? ["ARG BASE=varve/busybox:1 NAME=busybox", "ARG TAG=${NONE:-1}"]
    : [];
  /** By stage, whether it has a shell. */
  const shells: boolean[] = [];
  for (let stage = 0; stage < stages; stage++) {
    const { base, hasShell } = generateBase(random, shells, hasBaseArg);
    shells.push(hasShell);
    instructions.push(`FROM ${base} AS s${stage}`);
    for (let left = random.count(1, 5); left > 0; left--) {
      const text = generateInstruction({ random, paths, isNewer, stage, hasShell });
      instructions.push(random.chance(0.03) ? text.replace(/^\w+/, (word) => word.toLowerCase()) : text);
    }
  }
  const hasOwnIgnoreFile = random.chance(0.1);
  // The separate one replaces it.
  if (hasOwnIgnoreFile && random.chance(0.5)) context[".dockerignore"] = random.pick(["*\n", "**/*.txt\n"]);
  return {
    name,
    instructions,
    context,
    ignore: random.chance(0.4) ? generateIgnore(random, paths) : [],
    ...(hasOwnIgnoreFile && { hasOwnIgnoreFile }),
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
    "varve/configured:1",
    "--platform=$BUILDPLATFORM varve/busybox:1",
    ...(hasBaseArg
      ? ["$BASE", "varve/${NAME}:$TAG", "${BASE%:*}:1", "varve/${UNSET:-busybox}:${TAG:+1}"]
      : []),
  ]);
  return { base, hasShell: !["scratch", "varve/layered:1", "varve/configured:1"].includes(base) };
}
