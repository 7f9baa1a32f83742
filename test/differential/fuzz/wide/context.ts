import type { ContextEntry } from "../../case.ts";
import { generateContextOf, generateIgnoreOf, USUAL_NAMES } from "../parts.ts";
import type { Random } from "../random.ts";
import { generateGnuArchive } from "./gnu-archive.ts";

const NAMES = [...USUAL_NAMES, "it's", "b\\c", "$V", "#h", "e\nf", "Dockerfile.txt", "z".repeat(110)];
const MODES = [0o644, 0o644, 0o644, 0o755, 0o600, 0o444, 0o4755, 0o2775, 0];
/** Before 1970, within a second of it, after 2038, and beyond what 33 bits hold. */
const TIMES = [-86_400, 0, 1, 2_500_000_000, 9_000_000_000];

/** Links that lead to each other. */
const LOOP = { "0loop": { symlink: "1loop" }, "1loop": { symlink: "0loop" }, "0up/in": { symlink: ".." } };

export function generateContext(random: Random): Record<string, ContextEntry> {
  const targets = ["missing", "/etc", "0link", ".", "dir", "../out"];
  const entryOf = (path: string) => generateEntry(random, path);
  const context = generateContextOf(random, { names: NAMES, modes: MODES, targets, entryOf });
  if (random.chance(0.15)) context["gnu.tar"] = { content: generateGnuArchive(random) };
  if (random.chance(0.1)) Object.assign(context, LOOP);
  return context;
}

function generateEntry(random: Random, path: string): ContextEntry {
  if (random.chance(0.1)) return { dir: true, mode: random.pick([0o755, 0o700, 0o775, 0o1777, 0o2755]) };
  if (random.chance(0.03)) return { fifo: true };
  const text = random.chance(0.1) ? "" : `${path} ${random.count(0, 99)}\n`;
  return {
    content: random.chance(0.01) ? text.padEnd(9 << 20, `${path} `) : text,
    mode: random.pick(MODES),
    ...(random.chance(0.04) && { bindsLowPorts: true }),
    ...(random.chance(0.05) && { mtime: random.pick(TIMES) }),
  };
}

export function generateIgnore(random: Random, paths: readonly string[]): string[] {
  return generateIgnoreOf(random, paths, (path, first) => [
    "**",
    ".",
    `./${path}`,
    `${first}/../${path}`,
    "Dockerfile",
  ]);
}
