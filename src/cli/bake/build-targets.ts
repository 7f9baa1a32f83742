import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BakePlan, TARGET_PREFIX } from "../../bake/resolve.ts";
import { type BuildRunner, prepareRunner } from "../../command/build/build-runner.ts";
import type { BuildTools, Ended } from "../../command/build/build-tools.ts";
import { metadataText } from "../../command/build/metadata.ts";
import { followBuild, startBuild } from "../../command/build/start-build.ts";
import { CommandError, EXIT, errorText, exitCodeOf, problemExitCode } from "../../command/command-error.ts";
import type { BuildFlags } from "../../command/flags/build-flags.ts";
import { readProgress } from "../../command/flags/build-flags.ts";
import { serverFlag } from "../../command/flags/server-flag.ts";
import { Interrupt } from "../../command/interrupt.ts";
import { openService } from "../../command/open-service.ts";
import { sendOutputs } from "../../command/outputs/send-outputs.ts";
import { writeText } from "../../command/outputs/write-to.ts";
import type { Progress } from "../../command/progress.ts";
import { openProgress } from "../terminal/open-progress.ts";
import type { BakeFlags } from "./bake-flag-table.ts";
import { BakeRights, requireRights } from "./rights.ts";
import { targetFlags } from "./target-flags.ts";
import { TargetProgress } from "./target-progress.ts";

/** A target that was built. */
interface Built {
  id: string;
  flags: BuildFlags;
  ended: Ended & { result: { descriptor: { digest: string }; repository: string } };
}

/** A target ended without a result, which was reported. */
class TargetError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super();
    this.exitCode = exitCode;
  }
}

/** Builds all targets at the same time; one that uses others waits for them. Gives the exit code. */
export async function buildTargets(plan: BakePlan, command: BakeFlags): Promise<number> {
  const server = serverFlag(command.server, process.env);
  using interrupt = new Interrupt();
  const progress = await openProgress(
    readProgress(command.progress ?? process.env.BUILDKIT_PROGRESS),
    server,
  );
  const builds = new Builds(plan, command, { progress, interrupt, server });
  try {
    const built = await builds.run();
    progress.end();
    const names = [...built.keys()].sort();
    for (const name of names) {
      const one = built.get(name);
      if (one !== undefined && !plan.targets.get(name)?.isLinked && !one.flags.isCacheOnly)
        process.stdout.write(`${name} ${one.ended.result.descriptor.digest}\n`);
    }
    if (command["metadata-file"] !== undefined) writeText(command["metadata-file"], metadataOf(built));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof TargetError) return error.exitCode;
    if (!interrupt.isInterrupted) throw error;
    progress.end("ERROR: canceled\n");
    return EXIT.cancelled;
  } finally {
    progress.end();
    builds.dispose();
  }
}

function metadataOf(built: ReadonlyMap<string, Built>): string {
  const entries = [...built].map(([name, { id, ended, flags }]) => [
    name,
    JSON.parse(metadataText(id, ended, flags)),
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

class Builds {
  readonly #plan: BakePlan;
  readonly #command: BakeFlags;
  readonly #progress: Progress;
  readonly #interrupt: Interrupt;
  readonly #server: string;
  readonly #builds = new Map<string, Promise<Built>>();
  /** Builds that run at the server, and how they are cancelled. */
  readonly #cancels = new Set<() => void>();
  readonly #rights: BakeRights;
  /** Folder of the inline Dockerfiles. */
  #folder: string | undefined;
  readonly #inlineFiles = new Map<string, string>();
  /** The first target that failed: what happens to the others is not shown. */
  #failure: TargetError | undefined;

  constructor(
    plan: BakePlan,
    command: BakeFlags,
    { progress, interrupt, server }: { progress: Progress; interrupt: Interrupt; server: string },
  ) {
    this.#plan = plan;
    this.#command = command;
    this.#rights = new BakeRights(command.allow);
    this.#progress = progress;
    this.#interrupt = interrupt;
    this.#server = server;
    interrupt.cancelsWith(() => this.#cancelAll());
  }

  async run(): Promise<Map<string, Built>> {
    // All flags are read first, so that a mistake in one target starts no build.
    const missing = [...this.#plan.targets.keys()].map((name) => {
      const flags = this.#flagsOf(name, new Map());
      return [name, this.#rights.missing(flags, this.#inlineFiles.get(name))] as const;
    });
    requireRights(new Map(missing));
    const built = await Promise.allSettled(
      [...this.#plan.targets.keys()].map(async (name) => [name, await this.#build(name)] as const),
    );
    if (this.#failure !== undefined) throw this.#failure;
    return new Map(built.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
  }

  dispose(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #build(name: string): Promise<Built> {
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
    const { isInterrupted } = this.#interrupt;
    this.#failure =
      error instanceof TargetError
        ? error
        : new TargetError(isInterrupted ? EXIT.cancelled : exitCodeOf(error));
    if (!(error instanceof TargetError)) {
      const text = isInterrupted ? "ERROR: canceled\n" : errorText(error);
      this.#progress.end(text.replace(/^ERROR: /, `ERROR: target ${name}: `));
    }
    this.#cancelAll();
    return this.#failure;
  }

  #cancelAll(): void {
    for (const cancel of this.#cancels) cancel();
  }

  async #buildOnce(name: string): Promise<Built> {
    const images = new Map<string, string>();
    const links = [...(this.#plan.targets.get(name)?.values.contexts?.values() ?? [])]
      .filter((source) => source.startsWith(TARGET_PREFIX))
      .map((source) => source.slice(TARGET_PREFIX.length));
    await Promise.all(
      links.map(async (link) => {
        const { ended } = await this.#build(link);
        const { repository, descriptor } = ended.result;
        images.set(link, `docker-image://${new URL(this.#server).host}/${repository}@${descriptor.digest}`);
      }),
    );
    if (this.#failure !== undefined) throw this.#failure;
    const flags = this.#flagsOf(name, images);
    for (const warning of flags.warnings) process.stderr.write(`WARNING: target ${name}: ${warning}\n`);
    const service = await openService(flags, this.#interrupt.signal);
    const shown = new TargetProgress(name, this.#progress);
    const progress: Progress = {
      show: (event) => this.#failure === undefined && shown.show(event),
      end: (text) => this.#failure === undefined && shown.end(text),
    };
    const tools: BuildTools = { service, flags, progress, interrupt: this.#interrupt };
    const runner = await prepareRunner(service, flags);
    try {
      return await this.#run(runner, tools);
    } finally {
      await runner.finish();
    }
  }

  async #run(runner: BuildRunner, tools: BuildTools): Promise<Built> {
    const running = runner.attend(await startBuild(tools));
    const cancel = () => {
      tools.service.cancel(running.id).catch(() => {});
    };
    this.#cancels.add(cancel);
    try {
      if (this.#failure !== undefined || this.#interrupt.isInterrupted) cancel();
      const ended = await followBuild(running, tools);
      if ("problem" in ended) throw new TargetError(problemExitCode(ended.problem));
      if (tools.flags.outputs.length > 0) await sendOutputs(ended.result, tools);
      return { id: running.id, flags: tools.flags, ended };
    } finally {
      this.#cancels.delete(cancel);
    }
  }

  #flagsOf(name: string, images: ReadonlyMap<string, string>): BuildFlags {
    const target = this.#plan.targets.get(name);
    if (target === undefined) throw new CommandError(`There is no target ${name}`);
    const inlineFile = this.#inlineFile(name, target.values["dockerfile-inline"]);
    const flags = targetFlags(name, target, this.#command, {
      inlineFile,
      images,
      rights: this.#rights.ofSteps,
    });
    if (flags.call.method !== "build")
      throw new CommandError(`target ${name}: bake only builds, and does not ${flags.call.method}`);
    return flags;
  }

  #inlineFile(name: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    this.#folder ??= mkdtempSync(join(tmpdir(), "varve-bake-"));
    const file = join(this.#folder, `${name}.Dockerfile`);
    writeFileSync(file, text);
    this.#inlineFiles.set(name, file);
    return file;
  }
}
