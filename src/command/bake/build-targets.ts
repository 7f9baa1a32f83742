import type { BuildEvent, BuildResult } from "../../../schemas/events.ts";
import type { Problem } from "../../../schemas/problem.ts";
import { type BakePlan, TARGET_PREFIX } from "../../bake/resolve.ts";
import type { RunningBuild, Service } from "../../client/service.ts";
import { callCommand } from "../build/build-call.ts";
import { prepareRunner } from "../build/build-runner.ts";
import type { BuildTools, Ended } from "../build/build-tools.ts";
import { metadataText } from "../build/metadata.ts";
import { displayBuild, startLocalBuild } from "../build/start-build.ts";
import { CommandError, EXIT, errorText, exitCodeOf, problemExitCode } from "../command-error.ts";
import type { BuildFlags } from "../flags/build-flags.ts";
import type { Interrupt } from "../interrupt.ts";
import { openService } from "../open-service.ts";
import { sendOutputs } from "../outputs/send-outputs.ts";
import type { Progress } from "../progress.ts";
import type { BakeFlags } from "./bake-flag-table.ts";
import { InlineDockerfiles } from "./inline-dockerfiles.ts";
import { BakeRights, requireRights } from "./rights.ts";
import { targetFlags } from "./target-flags.ts";
import { TargetProgress } from "./target-progress.ts";

/** A target that was built. */
export interface BuiltTarget {
  /** Id of the build. */
  id: string;
  flags: BuildFlags;
  ended: Extract<Ended, { result: unknown }>;
  /** Whether it was built only because other targets use it. */
  isLinked: boolean;
}

/** Receives the events of targets. */
export interface TargetObserver {
  /** Called with the flags of a target before it starts; may change them. */
  prepare?: ((name: string, flags: BuildFlags, service: Service) => Promise<void>) | undefined;
  /** @param id of the build */
  started?(name: string, id: string): void;
  event?(name: string, event: BuildEvent): void;
}

interface BakeTools {
  /** URL. */
  server: string;
  /** One display for all targets. */
  progress: Progress;
  interrupt: Interrupt;
  /** The `User-Agent` of requests. */
  agent?: string;
  warn(message: string): void;
  observer?: TargetObserver;
}

/** A target failed, and the failure was reported. The cause is the error, unless the build itself failed. */
export class TargetError extends Error {
  override name = "TargetError";
  readonly exitCode: number;
  readonly target: string;
  readonly problem: Problem | undefined;

  constructor(
    target: string,
    exitCode: number,
    { problem, cause }: { problem?: Problem; cause?: unknown } = {},
  ) {
    super(`target ${target} failed`, { cause });
    this.exitCode = exitCode;
    this.target = target;
    this.problem = problem;
  }
}

/**
 * Builds all targets at the same time; one that uses others waits for them.
 * @throws {TargetError} when a target failed; the others are cancelled
 * @throws {CommandError | UsageError} before any target starts
 */
export async function buildTargets(
  plan: BakePlan,
  command: BakeFlags,
  tools: BakeTools,
): Promise<Map<string, BuiltTarget>> {
  using inline = new InlineDockerfiles();
  return await new Builds(plan, command, tools, inline).run();
}

/**
 * Lints the Dockerfiles of all targets and prints the findings, for targets whose `call` is `check`.
 * @returns the exit code, that of the first target with findings
 */
export async function checkTargets(plan: BakePlan, command: BakeFlags, tools: BakeTools): Promise<number> {
  using inline = new InlineDockerfiles();
  return await new Builds(plan, command, tools, inline).check();
}

/** The contents of `--metadata-file`: the metadata of each target by its name. */
export function bakeMetadata(built: ReadonlyMap<string, BuiltTarget>): string {
  const entries = [...built].map(([name, { id, ended, flags }]) => [
    name,
    JSON.parse(metadataText(id, ended, flags)),
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

class Builds {
  readonly #plan: BakePlan;
  readonly #command: BakeFlags;
  readonly #tools: BakeTools;
  readonly #builds = new Map<string, Promise<BuiltTarget>>();
  /** How unfinished targets are cancelled. */
  readonly #cancels = new Set<() => void>();
  readonly #rights: BakeRights;
  readonly #inline: InlineDockerfiles;
  /** The first target that failed: what happens to the others is not shown. */
  #failure: TargetError | undefined;

  constructor(plan: BakePlan, command: BakeFlags, tools: BakeTools, inline: InlineDockerfiles) {
    this.#inline = inline;
    this.#plan = plan;
    this.#command = command;
    this.#rights = new BakeRights(command.allow);
    this.#tools = tools;
    tools.interrupt.cancelsWith(() => this.#cancelAll());
  }

  async run(): Promise<Map<string, BuiltTarget>> {
    // All flags are read first, so that a mistake in one target starts no build.
    const missing = [...this.#plan.targets.keys()].map((name) => {
      const flags = this.#flagsOf(name, new Map());
      return [name, this.#rights.missing(flags, this.#inline.get(name))] as const;
    });
    requireRights(new Map(missing));
    const built = await Promise.allSettled(
      [...this.#plan.targets.keys()].map(async (name) => [name, await this.#build(name)] as const),
    );
    if (this.#failure !== undefined) throw this.#failure;
    return new Map(built.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
  }

  async check(): Promise<number> {
    let status: number = EXIT.ok;
    for (const name of this.#plan.targets.keys()) {
      const flags = this.#anyFlagsOf(name, new Map());
      requireRights(new Map([[name, this.#rights.missing(flags, this.#inline.get(name))]]));
      const service = await openService(flags, this.#tools.interrupt.signal, this.#tools.agent);
      const own = await callCommand(service, flags);
      if (status === EXIT.ok) status = own;
    }
    return status;
  }

  #build(name: string): Promise<BuiltTarget> {
    const known = this.#builds.get(name);
    if (known !== undefined) return known;
    const build = this.#buildOnce(name).catch((error: unknown) => {
      throw this.#fail(name, error);
    });
    this.#builds.set(name, build);
    return build;
  }

  /** Reports the first failure, and cancels all other targets. */
  #fail(name: string, error: unknown): TargetError {
    if (this.#failure !== undefined) return this.#failure;
    const { isInterrupted } = this.#tools.interrupt;
    this.#failure =
      error instanceof TargetError
        ? error
        : new TargetError(name, isInterrupted ? this.#tools.interrupt.exitCode : exitCodeOf(error), {
            cause: error,
          });
    if (!(error instanceof TargetError)) {
      const text = isInterrupted ? "ERROR: canceled\n" : errorText(error);
      this.#tools.progress.end(text.replace(/^ERROR: /, `ERROR: target ${name}: `));
    }
    this.#cancelAll();
    return this.#failure;
  }

  #cancelAll(): void {
    for (const cancel of this.#cancels) cancel();
  }

  async #buildOnce(name: string): Promise<BuiltTarget> {
    const images = new Map<string, string>();
    const links = [...(this.#plan.targets.get(name)?.values.contexts?.values() ?? [])]
      .filter((source) => source.startsWith(TARGET_PREFIX))
      .map((source) => source.slice(TARGET_PREFIX.length));
    await Promise.all(
      links.map(async (link) => {
        const { ended } = await this.#build(link);
        const { repository, descriptor } = ended.result;
        images.set(
          link,
          `docker-image://${new URL(this.#tools.server).host}/${repository}@${descriptor.digest}`,
        );
      }),
    );
    if (this.#failure !== undefined) throw this.#failure;
    const flags = this.#flagsOf(name, images);
    for (const warning of flags.warnings) this.#tools.warn(`target ${name}: ${warning}`);
    // Sending the context ends at once, and a build that runs is cancelled at the server.
    const sending = new AbortController();
    const abort = () => sending.abort();
    this.#cancels.add(abort);
    const service = await openService(flags, sending.signal, this.#tools.agent);
    await this.#tools.observer?.prepare?.(name, flags, service);
    const shown = new TargetProgress(name, this.#tools.progress);
    const progress: Progress = {
      show: (event) => {
        this.#tools.observer?.event?.(name, event);
        if (this.#failure === undefined) shown.show(event);
      },
      end: (text) => this.#failure === undefined && shown.end(text),
    };
    const { interrupt } = this.#tools;
    const tools: BuildTools = { service, flags, progress, interrupt };
    const runner = await prepareRunner(service, flags);
    try {
      const started = await startLocalBuild(tools).finally(() => this.#cancels.delete(abort));
      return await this.#run(name, runner.attend(started), tools);
    } finally {
      await runner.finish();
    }
  }

  async #run(name: string, running: RunningBuild, tools: BuildTools): Promise<BuiltTarget> {
    this.#tools.observer?.started?.(name, running.id);
    const cancel = () => {
      tools.service.cancel(running.id).catch(() => {});
    };
    this.#cancels.add(cancel);
    try {
      if (this.#failure !== undefined || this.#tools.interrupt.isInterrupted) cancel();
      const ended = await displayBuild(running, tools);
      if ("problem" in ended) {
        const { problem } = ended;
        throw new TargetError(name, problemExitCode(problem), { problem });
      }
      if (tools.flags.outputs.length > 0) await this.#send(ended.result, tools);
      const isLinked = this.#plan.targets.get(name)?.isLinked ?? false;
      return { id: running.id, flags: tools.flags, ended, isLinked };
    } finally {
      this.#cancels.delete(cancel);
    }
  }

  /** Does not wait for the outputs after an interrupt, because they can be repeated. */
  async #send(result: BuildResult, tools: BuildTools): Promise<void> {
    const { promise: cancelled, reject } = Promise.withResolvers<never>();
    this.#cancels.add(reject);
    try {
      await Promise.race([sendOutputs(result, tools), cancelled]);
    } finally {
      this.#cancels.delete(reject);
    }
  }

  #flagsOf(name: string, images: ReadonlyMap<string, string>): BuildFlags {
    const flags = this.#anyFlagsOf(name, images);
    if (flags.call.method !== "build")
      throw new CommandError(
        `target ${name}: bake cannot ${flags.call.method} some targets and build others`,
      );
    return flags;
  }

  #anyFlagsOf(name: string, images: ReadonlyMap<string, string>): BuildFlags {
    const target = this.#plan.targets.get(name);
    if (target === undefined) throw new CommandError(`Unknown target ${name}`);
    const text = target.values["dockerfile-inline"];
    const inlineFile = text === undefined ? undefined : this.#inline.write(name, text);
    return targetFlags(name, target, this.#command, { inlineFile, images, rights: this.#rights.ofSteps });
  }
}

/** Whether the targets are only linted. */
export function isCheck(plan: BakePlan): boolean {
  const calls = [...plan.targets.values()].map(({ values }) => values.call ?? "build");
  return calls.length > 0 && calls.every((call) => /^(?:check|lint)(?:,|$)/.test(call));
}
