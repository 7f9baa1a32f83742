import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../files/make-folder.ts";
import { removeTree } from "../files/remove-tree.ts";
import { HostError } from "./host-error.ts";
import { EMPTY_STACK } from "./overlay-stacks.ts";
import { findProgram, findRuntime, type Runtime, type RuntimeName } from "./runtime.ts";
import { Sandbox, type SandboxMethod } from "./sandbox.ts";
import { isInUserNamespace, needsUserNamespace } from "./user-namespace.ts";

/** What this machine has to run steps with. */
interface Ability {
  runtime: Runtime;
  method: SandboxMethod;
}

/** This machine cannot run steps. The message is one sentence with the reason. */
export class UnableError extends Error {
  override name = "UnableError";
}

/** The remedy where a machine refuses calls. moby's filter rejects them with EPERM for programs without CAP_SYS_ADMIN. */
export const DOCKER_NEEDS =
  "In a container, its filter of system calls may be the reason: docker needs --security-opt seccomp=unconfined and systempaths=unconfined";

/** Upper directories then contain only whiteouts and opaque directories (kernel documentation, overlayfs.rst). */
const PLAIN = ",index=off,xino=off,redirect_dir=off,metacopy=off";
/** `userxattr` turns redirections off and rejects the options that do the same. */
const USER = ",index=off,xino=off,userxattr";
const machine = { prefix: "trusted", userNamespace: false, ownsMachine: true } as const;
const users = { prefix: "user", userNamespace: true, ownsMachine: false } as const;
/** `volatile` skips syncing to the disk and needs Linux 5.10. Without CAP_SYS_ADMIN a user namespace is needed. */
const METHODS: readonly SandboxMethod[] = [
  { overlay: `${PLAIN},volatile`, ...machine },
  { overlay: PLAIN, ...machine },
  { overlay: `${USER},volatile`, ...users },
  { overlay: USER, ...users },
];
/** For root of a user namespace, which needs no further one. */
const OWN_METHODS: readonly SandboxMethod[] = [`${USER},volatile`, USER].map((overlay) => ({
  ...users,
  overlay,
  userNamespace: false,
}));
const PROGRAMS: readonly string[] = [
  "tar",
  "rm",
  "cp",
  "find",
  "mkfifo",
  "sh",
  "mount",
  "unshare",
  "setpriv",
  "flock",
];

/**
 * Checks that this machine has what steps need, and which overlay options work in the folder `data`.
 * @throws {UnableError}
 */
export async function findAbility(
  data: string,
  { runtime: name }: { runtime?: RuntimeName | undefined } = {},
): Promise<Ability> {
  if (process.platform !== "linux") throw new UnableError("Steps run on Linux only.");
  if (needsUserNamespace()) throw new UnableError("Running steps needs root, at least of a user namespace.");
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0)
    throw new UnableError(`Running steps needs ${missing.join(", ")}, which is not installed.`);
  const runtime = findRuntime(name);
  if (runtime === undefined)
    throw new UnableError(`Running steps needs ${name ?? "crun or runc"}, which is not installed.`);
  const failures: string[] = [];
  for (const method of isInUserNamespace() ? OWN_METHODS : METHODS) {
    const failure = await tryMount(data, method);
    if (failure === "") return { runtime, method };
    failures.push(failure);
  }
  const reasons = [...new Set(failures)].join("; ");
  const hint = failures.every((failure) => /Operation not permitted|permission denied/i.test(failure))
    ? `. ${DOCKER_NEEDS}`
    : "";
  throw new UnableError(`Overlay file systems cannot be mounted in ${data}: ${reasons}${hint}`);
}

/** The reason for a failure; empty on success. */
async function tryMount(data: string, method: SandboxMethod): Promise<string> {
  makeFolder(data);
  const folder = await mkdtemp(join(data, "try-"));
  try {
    const sandbox = await Sandbox.open(folder, [EMPTY_STACK], ["true"], method);
    await sandbox.close();
    return "";
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  } finally {
    await removeTree(folder);
  }
}
