import type { JobLayer, JobMount } from "../../../schemas/runner.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Run } from "../build-trees.ts";
import { BuildError } from "../errors.ts";
import { type Executed, executed, timesOf } from "../execute.ts";
import type { RunDefinition, RunMount, StepDescription } from "../plan/step.ts";
import type { Snapshot } from "../snapshots.ts";
import type { LayerRecord, StepCache } from "../step-cache.ts";
import type { LayerSettings } from "../step-key.ts";
import type { World } from "../world.ts";
import type { Mounted, MountedTrees } from "./mounted-trees.ts";
import { overlayChanges } from "./overlay-diff.ts";
import { runError } from "./run-error.ts";
import { type RunExecutor, RunFailure, type RunWork, type Upper } from "./run-executor.ts";
import { RunLog } from "./run-log.ts";

export interface RunStepsOptions {
  world: Pick<World, "runners" | "secrets">;
  trees: MountedTrees;
  settings: LayerSettings;
  run: Run;
  cache: Pick<StepCache, "confine">;
  /** Tells cache mounts of this image apart from those of others. */
  scope: string;
}

/** Has the RUN steps of a build carried out, and makes layers of what they left. */
export class RunSteps {
  readonly #options: RunStepsOptions;

  constructor(options: RunStepsOptions) {
    this.#options = options;
  }

  /**
   * Carries a step out and gives what it changed to `use`, which may read the files that the process left.
   * @param id under which events tell of the step
   * @throws BuildError
   */
  async carryOut<T>(
    id: string,
    { definition, description }: { definition: RunDefinition; description: StepDescription },
    parent: Snapshot,
    use: (executed: Executed) => Promise<T>,
  ): Promise<T> {
    // Opening it also sees to it that its layers are stored.
    const base = await parent.tree();
    const work = await this.#work(definition, description, parent);
    const upper = await this.#run(id, work);
    try {
      const mounted = [...definition.mounts.map(({ target }) => target), definition.script?.path].filter(
        (path) => path !== undefined,
      );
      if (upper.isConfined || definition.mounts.some(isOfScope)) this.#options.cache.confine();
      const mtimeOf = timesOf(this.#options.settings);
      return await use(executed({ changes: overlayChanges({ upper: upper.tree, base, mounted, mtimeOf }) }));
    } finally {
      await upper.close();
    }
  }

  async #run(id: string, work: RunWork): Promise<Upper> {
    const { emit, signal } = this.#options.run;
    const log = new RunLog((stream, text) => emit({ type: "step.log", step: id, stream, text }));
    try {
      return await (this.#options.world.runners as RunExecutor).carryOut(work, {
        log: (stream, text) => log.add(stream, text),
        waiting: (message) => emit({ type: "step.waiting", step: id, message }),
        signal,
      });
    } catch (error) {
      log.end();
      if (!(error instanceof RunFailure)) throw error;
      throw runError(work.args, error.failure, log.last);
    } finally {
      log.end();
    }
  }

  async #work(
    definition: RunDefinition,
    { proxies = {} }: StepDescription,
    parent: Snapshot,
  ): Promise<RunWork> {
    const { platform, args, env, workdir, user, mounts, network, security } = definition;
    const { hostname, hosts, ulimits, script } = definition;
    const set = new Set(env.map(([name]) => name));
    const jobMounts: JobMount[] = [];
    for (const mount of mounts) jobMounts.push(...(await this.#mount(mount)));
    return {
      platform,
      layers: parent.layers.map(jobLayer),
      args: [...args],
      env: [
        ...env.map(([name, value]): [string, string] => [name, value]),
        ...Object.entries(proxies).filter(([name]) => !set.has(name)),
      ],
      workdir,
      user,
      mounts: jobMounts,
      network,
      ...(security === "insecure" && { security }),
      ...(hostname !== undefined && { hostname }),
      ...(hosts && { hosts: [...hosts] }),
      ...(ulimits && { ulimits: [...ulimits] }),
      ...(script && { script }),
    };
  }

  /** As a job has it; none for a secret that did not come and may be missing. */
  async #mount(mount: RunMount): Promise<JobMount[]> {
    const { trees, scope } = this.#options;
    switch (mount.type) {
      case "bind": {
        const { target, readonly } = mount;
        return [
          { type: "bind", target, readonly, ...stackOf(await trees.mounted(mount.from, mount.source)) },
        ];
      }
      case "cache": {
        const { sharing, target, readonly, root } = mount;
        const isEmpty = mount.from.kind === "scratch";
        const from = isEmpty ? undefined : stackOf(await trees.mounted(mount.from, mount.source));
        const id = `${scope}/${mount.id}`;
        return [
          {
            type: "cache",
            id,
            key: cacheKey(id, from, root),
            sharing,
            target,
            readonly,
            source: mount.source,
            ...from,
            ...(root && { root }),
          },
        ];
      }
      case "tmpfs":
        return [{ ...mount }];
      case "secret": {
        const { required, ...rest } = mount;
        const { id } = mount;
        const { secrets } = this.#options.world;
        if (secrets?.isHeld(id)) return [rest];
        const value = secrets?.value(id);
        if (value !== undefined) return [{ ...rest, value: base64(value) }];
        if (!required) return [];
        throw new BuildError("secret-missing", `secret ${id}: not found`, {
          hint: `Send it along with the build, in the part secret.${id} of the form.`,
        });
      }
      case "ssh": {
        const { id, required } = mount;
        if (this.#options.world.secrets?.isForwarded(id)) return [{ ...mount, forwarded: true }];
        if (!required) return [];
        throw new BuildError("ssh-missing", `unset ssh forward key ${id}`, {
          hint: `Forward an agent: varve build --ssh ${id}${id === "default" ? "" : "=SOCKET"}`,
        });
      }
    }
  }
}

/** What a step read that others of the same definition may not: the cache mounts and secrets of its scope. */
function isOfScope({ type }: RunMount): boolean {
  return type === "cache" || type === "secret" || type === "ssh";
}

/** What begins differently is a cache of its own. */
function cacheKey(id: string, from: { from: { layers: JobLayer[] } } | undefined, root: unknown): string {
  const layers = from?.from.layers.map(({ diffId }) => diffId) ?? [];
  return sha256(JSON.stringify([id, layers, root ?? null])).slice("sha256:".length);
}

function jobLayer({ layer: { mediaType, digest, size }, diffId }: LayerRecord) {
  return { mediaType, digest, size, diffId };
}

function stackOf({ layers, source }: Mounted) {
  return { from: { layers: layers.map(jobLayer) }, source };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
