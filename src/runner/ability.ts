import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "./layer-store.ts";
import { findProgram, findRuntime, type Runtime, type RuntimeName } from "./runtime.ts";
import { type OverlayOptions, Sandbox, SandboxError } from "./sandbox.ts";

/** What this machine has to run steps with. */
export interface Ability {
  runtime: Runtime;
  overlay: OverlayOptions;
}

/** This machine cannot run steps, and why, in one sentence. */
export class UnableError extends Error {
  override name = "UnableError";
}

/** From the newest kernels to older ones; `volatile` spares waiting for the disk and needs Linux 5.10. */
const OPTIONS: readonly string[] = [
  ",index=off,redirect_dir=off,metacopy=off,xino=off,volatile",
  ",index=off,redirect_dir=off,metacopy=off,xino=off",
];
const PROGRAMS: readonly string[] = ["tar", "rm", "cp", "sh", "mount", "unshare", "setpriv", "flock"];

/**
 * Tries out what running a step needs, in the folder `data`.
 * @throws {UnableError}
 */
export async function findAbility(data: string, name?: RuntimeName): Promise<Ability> {
  if (process.platform !== "linux") throw new UnableError("Steps run on Linux only.");
  if (process.getuid?.() !== 0) throw new UnableError("Running steps needs to be root.");
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0)
    throw new UnableError(`Running steps needs ${missing.join(", ")}, which is not installed.`);
  const runtime = findRuntime(name);
  if (runtime === undefined)
    throw new UnableError(`Running steps needs ${name ?? "crun or runc"}, which is not installed.`);
  let failure = "";
  for (const options of OPTIONS) {
    const overlay = { options, prefix: "trusted" } as const;
    failure = await tryMount(data, overlay);
    if (failure === "") return { runtime, overlay };
  }
  throw new UnableError(`Overlay file systems cannot be mounted in ${data}: ${failure}`);
}

/** Why it failed; nothing when it did not. */
async function tryMount(data: string, overlay: OverlayOptions): Promise<string> {
  await mkdir(data, { recursive: true });
  const folder = await mkdtemp(join(data, "try-"));
  try {
    const stack = { name: "root", paths: [], root: undefined, writable: true };
    const sandbox = await Sandbox.open(folder, [stack], ["true"], overlay);
    await sandbox.close();
    return "";
  } catch (error) {
    if (error instanceof SandboxError) return error.message;
    throw error;
  } finally {
    await removeTree(folder);
  }
}
