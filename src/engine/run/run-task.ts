import type { JobLayer, JobMount, JobTree, RunTask } from "../../../schemas/runner.ts";
import { toBase64 } from "../../streams/base64.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import { type BuildContexts, contextOf } from "../contexts.ts";
import { BuildError } from "../errors.ts";
import type { FileState, RunDefinition, RunMount } from "../plan/step.ts";
import type { Secrets } from "./runners.ts";

interface RunTaskOptions {
  /** Returns the layers of a state in the form that the executing runner knows. */
  stackOf: (state: FileState) => { layers: JobLayer[] };
  /** Returns the identities of the layers of a state, independent of their location. */
  identitiesOf: (state: FileState) => string[];
  contexts: BuildContexts;
  secrets: Secrets | undefined;
  /** The image whose cache mounts the step uses. */
  scope: string;
  /** Variables of the process that are not part of a key. */
  proxies: Readonly<Record<string, string>>;
}

/**
 * Creates the task of a RUN step.
 * @throws {BuildError} `secret-missing`, `ssh-missing`
 */
export function createRunTask(definition: RunDefinition, options: RunTaskOptions): RunTask {
  const { args, env, workdir, user, mounts, network, security } = definition;
  const { hostname, hosts, ulimits, script } = definition;
  const names = new Set(env.map(([name]) => name));
  return {
    kind: "run",
    ...options.stackOf(definition.parent),
    args: [...args],
    env: [
      ...env.map(([name, value]): [string, string] => [name, value]),
      ...Object.entries(options.proxies).filter(([name]) => !names.has(name)),
    ],
    workdir,
    user,
    mounts: mounts.flatMap((mount) => mountOf(mount, options)),
    network,
    ...(security === "insecure" && { security }),
    ...(hostname !== undefined && { hostname }),
    ...(hosts && { hosts: [...hosts] }),
    ...(ulimits && { ulimits: [...ulimits] }),
    ...(script && { script }),
  };
}

/** Whether a mount makes the result depend on secrets or caches of the build's scope. */
export function isScopedMount({ type }: RunMount): boolean {
  return type === "cache" || type === "secret" || type === "ssh";
}

/** The mounts of a task. An optional secret that the build does not have is skipped. */
function mountOf(mount: RunMount, options: RunTaskOptions): JobMount[] {
  switch (mount.type) {
    case "bind": {
      const { target, readonly, source } = mount;
      return [{ type: "bind", target, readonly, source, from: treeOf(mount.from, options) }];
    }
    case "cache":
      return [cacheMount(mount, options)];
    case "tmpfs":
      return [{ ...mount }];
    case "secret":
      return secretMount(mount, options);
    case "ssh":
      return agentMount(mount, options);
  }
}

/** The files of a state as a runner reads them. */
export function treeOf(
  state: FileState,
  { contexts, stackOf }: Pick<RunTaskOptions, "contexts" | "stackOf">,
): JobTree {
  if (state.kind !== "context") return stackOf(state);
  const { digest, copy, ignore, include } = contextOf(contexts, state.name);
  const part = { ignore: [...ignore], ...(include && { include: [...include] }) };
  return { context: digest, ...(copy !== undefined && { copy }), ...part };
}

function cacheMount(mount: Extract<RunMount, { type: "cache" }>, options: RunTaskOptions): JobMount {
  const { sharing, target, readonly, root, source } = mount;
  const from = mount.from.kind === "scratch" ? undefined : treeOf(mount.from, options);
  const initial =
    from === undefined ? [] : "context" in from ? [from.context] : options.identitiesOf(mount.from);
  const id = `${options.scope}/${mount.id}`;
  return {
    type: "cache",
    id,
    key: cacheKey(id, initial, root),
    sharing,
    target,
    readonly,
    source,
    ...(from && { from }),
    ...(root && { root }),
  };
}

/** Caches with different initial contents are separate. */
function cacheKey(id: string, initial: readonly string[], root: unknown): string {
  return sha256Hex(JSON.stringify([id, initial, root ?? null]));
}

function secretMount(
  { required, ...mount }: Extract<RunMount, { type: "secret" }>,
  { secrets }: RunTaskOptions,
): JobMount[] {
  const { id } = mount;
  if (secrets?.isHeld(id)) return [mount];
  const value = secrets?.value(id);
  if (value !== undefined) return [{ ...mount, value: toBase64(value) }];
  if (!required) return [];
  throw new BuildError("secret-missing", `secret ${id}: not found`, {
    hint: `Send it with the build, in the part secret.${id} of the form.`,
  });
}

function agentMount(mount: Extract<RunMount, { type: "ssh" }>, { secrets }: RunTaskOptions): JobMount[] {
  const { id, required } = mount;
  if (secrets?.isForwarded(id)) return [{ ...mount, forwarded: true }];
  if (!required) return [];
  throw new BuildError("ssh-missing", `unset ssh forward key ${id}`, {
    hint: `Forward an agent: varve build --ssh ${id}${id === "default" ? "" : "=SOCKET"}`,
  });
}
