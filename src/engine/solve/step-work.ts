import type { LastLayer } from "../../../schemas/runner.ts";
import { scopedTocKey, tocKey } from "../../layers/toc.ts";
import type { BuildContexts } from "../contexts.ts";
import type { Emit } from "../emit.ts";
import type { explainExecution } from "../explain/differences.ts";
import { lastVersionOf, type Trail, type TrailStep } from "../explain/trail.ts";
import { hasSameTimes } from "../keys/step-key.ts";
import type { KeyedStep } from "../keys/step-keys.ts";
import type { Step } from "../plan/step.ts";
import type { CopyTimes } from "../run/copy-task.ts";
import type { RunnerSteps, StateOf } from "../run/runner-steps.ts";
import { entryTimes } from "../times.ts";
import type { World } from "../world.ts";
import type { BackgroundWork } from "./background.ts";
import type { LayerWriter } from "./layer-writer.ts";
import type { PreparedPlatform } from "./prepared.ts";
import type { Remotes } from "./sources.ts";
import type { FileSystemState, StateLayer } from "./states.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";

export interface StepExecutorOptions {
  prepared: PreparedPlatform;
  world: Pick<World, "store" | "runners" | "memory" | "layerMemory">;
  cache: StepCache;
  contexts: BuildContexts;
  remotes: Remotes;
  writer: LayerWriter;
  runner: RunnerSteps | undefined;
  trail: Trail | undefined;
  /** Steps that execute regardless of the build cache. */
  fresh: ReadonlySet<number>;
  /** See `KnownSteps`. */
  affected: ReadonlySet<number>;
  /** Layers of RUN steps that this build has executed. The cache has no results of steps on them. */
  newRuns: WeakSet<StateLayer>;
  /** Platform of an executing RUN that reads the result of a step; undefined when there is none. */
  platformOfRun: (index: number) => Promise<string | undefined>;
  /** Steps whose layers are part of the image. */
  exported: ReadonlySet<number>;
  /** File name of the Dockerfile, for warnings. */
  dockerfile: string;
  /** The image being built. */
  scope: string;
  background: BackgroundWork;
  /** Layers that are being written on the server, each with a function that reports the end of its step before that. */
  writing: Map<Promise<void>, () => Promise<void>>;
  signal: AbortSignal;
  /** Fails the build. */
  fail: (error: unknown) => void;
  emit: Emit;
}

/** A step being executed, with its inputs. */
export interface StepWork {
  keyed: KeyedStep;
  below: FileSystemState;
  stateOf: StateOf;
  /** Whether only the scope of the build trusts some input. */
  isConfined: boolean;
  /** Start time in milliseconds since 1970. */
  began: number;
  /** Keys for recording the result, once known. */
  keys: Promise<readonly string[]>;
  explanation: Promise<StepExplanation>;
}

export type StepExplanation = Awaited<ReturnType<typeof explainExecution>>;

/** Times of the entries that a step creates. */
export function copyTimes({ step, key }: KeyedStep, options: StepExecutorOptions): CopyTimes {
  const { prepared, cache, fresh, scope } = options;
  const { kind } = step.definition;
  const times = entryTimes(prepared.settings, kind, cache.began(key));
  const isIgnored = kind === "workdir" || cache.isIgnored || fresh.has(step.index);
  const before = isIgnored ? undefined : lastVersion(step, options);
  const last = before && hasSameTimes(before.parts, times) ? before.layer : undefined;
  return { times, last: last && lastLayer(last, scope) };
}

function lastLayer({ layer: { digest }, confined }: LayerRecord, scope: string): LastLayer {
  return { digest, toc: confined ? scopedTocKey(scope, digest) : tocKey(digest) };
}

/** The corresponding step of the last build. */
export function lastVersion(
  step: Step,
  { trail, prepared }: Pick<StepExecutorOptions, "trail" | "prepared">,
): TrailStep | undefined {
  return lastVersionOf(trail, prepared.plan, step);
}

/** Emits warnings about the files of a step. */
export function emitWarnings(
  { info }: KeyedStep,
  warnings: readonly { code: string; message: string }[],
  { emit, dockerfile }: Pick<StepExecutorOptions, "emit" | "dockerfile">,
): void {
  for (const { code, message } of warnings) {
    emit({ type: "warning", rule: code, message, file: dockerfile, line: info.lines.start });
  }
}
