import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import type { Dockerfile } from "../../dockerfile/instruction.ts";
import type { Linter } from "../../dockerfile/lint/linter.ts";
import { ignoreMatcher } from "../../dockerignore/match.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import { DEFAULT_PLATFORM, normalizePlatform, type Platform } from "../../oci/platform.ts";
import { spend } from "../../streams/turns.ts";
import { Bases } from "./bases.ts";
import { PlanBudget } from "./budget.ts";
import { buildGraph, linkCommands, lintDefaultBases } from "./build-graph.ts";
import type { BuildPlan, PlannedConfig, PlannedImage, PlannedStage } from "./build-plan.ts";
import { resolveEpoch } from "./epoch.ts";
import { type BuildArgs, type GlobalArgs, predefinedArgs, proxiesOf, readGlobalArgs } from "./global-args.ts";
import { graphView } from "./graph-view.ts";
import { plannedConfig } from "./image-config.ts";
import { listInstructions } from "./instruction-list.ts";
import { evaluateInstruction } from "./instructions/evaluate-instruction.ts";
import { Evaluation, type IgnoredPaths, type PlanContext } from "./instructions/evaluation.ts";
import { limits } from "./limits.ts";
import { NamedContexts } from "./named-context.ts";
import type { PlanLookups, PlanOptions } from "./options.ts";
import { attachLines, nowhere, PlanFault } from "./plan-error.ts";
import { formatWithOsOptions } from "./platform-text.ts";
import { reachableFrom, type StageGraph, type StageNode } from "./stage-graph.ts";
import { asStage, type Base, type StageState, stageOn } from "./stage-state.ts";
import type { FileState, Step } from "./step.ts";
import { Triggers } from "./triggers.ts";

/** A parsed Dockerfile with the lint findings about its text. */
export interface ReadDockerfile {
  readonly dockerfile: Dockerfile;
  readonly linter: Linter;
}

/**
 * Plans a build: evaluates the stages that the target needs, resolves the images they read, and lists the steps.
 * Without a world, images are not resolved and only the diagnostics of the plan are meaningful.
 * @throws {DockerfileError} for an invalid Dockerfile; includes the findings so far.
 * @throws {BuildError} `base-unavailable` when an image cannot be resolved.
 */
export async function plan(
  { dockerfile, linter: read }: ReadDockerfile,
  options: PlanOptions = {},
  world?: PlanLookups,
): Promise<BuildPlan> {
  const linter = read.copy();
  try {
    return await new Planner(dockerfile, linter, options, world).plan();
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    throw new DockerfileError(error.diagnostic, linter.diagnostics);
  }
}

/** Cost of evaluating an instruction, besides the texts that it creates. */
const COMMAND = 8192;

/** Plans one build. */
class Planner {
  readonly #dockerfile: Dockerfile;
  readonly #linter: Linter;
  readonly #options: PlanOptions;
  readonly #world: PlanLookups | undefined;
  readonly #buildPlatform: Platform;
  /** The requested platform. */
  readonly #wanted: Platform | undefined;
  readonly #targetPlatform: Platform;
  readonly #contexts: NamedContexts;
  readonly #buildArgs: RecordedArgs;
  readonly #budget = new PlanBudget();
  /** Work that was already counted against the current turn. */
  #spent = 0;
  readonly #states = new Map<StageNode, StageState>();

  constructor(dockerfile: Dockerfile, linter: Linter, options: PlanOptions, world: PlanLookups | undefined) {
    this.#dockerfile = dockerfile;
    this.#linter = linter;
    this.#options = options;
    this.#world = world;
    this.#buildPlatform = options.buildPlatform ?? DEFAULT_PLATFORM;
    this.#wanted = options.platform && normalizePlatform(options.platform);
    this.#targetPlatform = this.#wanted ?? this.#buildPlatform;
    this.#contexts = new NamedContexts(Object.entries(options.namedContexts ?? {}));
    this.#buildArgs = new RecordedArgs(Object.entries(options.buildArgs ?? {}));
    if (options.sourceDateEpoch !== undefined && !this.#buildArgs.has("SOURCE_DATE_EPOCH")) {
      this.#buildArgs.set("SOURCE_DATE_EPOCH", String(options.sourceDateEpoch));
    }
  }

  async plan(): Promise<BuildPlan> {
    const { globalArgs, stages: written } = this.#dockerfile;
    attachLines(nowhere, () => {
      this.#budget.instructions(globalArgs.length);
      for (const { instructions } of written) this.#budget.instructions(1 + instructions.length);
    });
    const globals = this.#readGlobals();
    const epoch = await resolveEpoch({
      dockerfile: this.#dockerfile,
      buildArgs: this.#buildArgs,
      globalScope: globals.scope,
      contexts: this.#contexts,
      platform: formatWithOsOptions(normalizePlatform(this.#targetPlatform)),
      world: this.#world,
    });
    const graph = buildGraph(this.#dockerfile, {
      escape: this.#dockerfile.escape,
      globals,
      targetPlatform: this.#targetPlatform,
      contexts: this.#contexts,
      budget: this.#budget,
      linter: this.#linter,
    });
    const target = graph.target(this.#options.target);
    linkCommands(graph, this.#dockerfile.escape);
    const bases = new Bases(graph, {
      targetPlatform: this.#targetPlatform,
      buildPlatform: this.#buildPlatform,
      isImplicit: this.#wanted === undefined,
      isMultiPlatform: this.#options.isMultiPlatform ?? false,
      contexts: this.#contexts,
      linter: this.#linter,
      world: this.#world,
    });
    const needed = await this.#resolve(graph, bases, target);
    const steps: Step[] = [];
    const filesOf = (node: StageNode): FileState | undefined =>
      node.stage === undefined ? bases.get(node)?.files : this.#states.get(node)?.files;
    const planContext: PlanContext = {
      escape: this.#dockerfile.escape,
      buildArgs: this.#buildArgs,
      globalScope: globals.scope,
      proxies: proxiesOf(this.#buildArgs),
      ignored: ignoredPaths(this.#options.ignore ?? []),
      hostname: this.#buildArgs.get("BUILDKIT_SANDBOX_HOSTNAME"),
      allow: new Set(this.#options.allow),
      run: this.#options.run ?? { network: "default", hosts: [], ulimits: [] },
      cacheNamespace: this.#buildArgs.get("BUILDKIT_CACHE_MOUNT_NS"),
      budget: this.#budget,
      steps,
      filesOf,
    };
    const stages: PlannedStage[] = [];
    for (const node of graph.stages) {
      if (needed.has(node)) stages.push(await this.#evaluate(node, bases, planContext, stages.length));
    }
    const image = this.#finish(this.#states.get(target) as StageState);
    const { diagnostics, failure } = this.#linter;
    if (failure !== undefined) throw new PlanFault("plan/lint-violation", failure).at(nowhere);
    const files = filesOf(target) ?? { kind: "scratch" };
    requireLayerLimit(files, steps, bases.images);
    return {
      platform: image.platform,
      images: bases.images,
      stages,
      graph: graphView(graph, bases, target),
      instructions: listInstructions(this.#dockerfile, target.index),
      steps,
      result: { files, image },
      epoch,
      usedArgs: this.#buildArgs.used,
      diagnostics,
    };
  }

  #readGlobals(): GlobalArgs {
    const { stages } = this.#dockerfile;
    const stage = this.#options.target || stages.at(-1)?.from.name;
    const argsWith = (given: BuildArgs): GlobalArgs =>
      readGlobalArgs(this.#dockerfile, predefined, given, this.#budget);
    const predefined = predefinedArgs(
      this.#buildPlatform,
      this.#targetPlatform,
      stage ?? "",
      this.#buildArgs,
      this.#budget,
    );
    try {
      lintDefaultBases(this.#dockerfile, argsWith(new Map()), this.#linter);
    } catch (error) {
      // Ignore defaults that cannot be expanded: evaluating the stage that needs them throws the same error.
      if (!(error instanceof DockerfileError)) throw error;
    }
    return argsWith(this.#buildArgs);
  }

  /** Resolves all stages and images that the target depends on, including triggers of its bases, and returns the stages. */
  async #resolve(graph: StageGraph, bases: Bases, target: StageNode): Promise<ReadonlySet<StageNode>> {
    const triggers = new Triggers(graph, bases, this.#budget);
    for (;;) {
      const needed = this.#options.allStages
        ? new Set([...graph.stages, ...graph.images])
        : reachableFrom(target);
      await bases.resolve(needed);
      let isNew = false;
      for (const node of graph.stages) if (needed.has(node)) isNew = triggers.add(node) || isNew;
      if (!isNew) return needed;
    }
  }

  async #evaluate(
    node: StageNode,
    bases: Bases,
    planContext: PlanContext,
    index: number,
  ): Promise<PlannedStage> {
    const base =
      node.base === undefined
        ? asStage(bases.get(node) as Base, this.#budget)
        : (this.#states.get(node.base) as StageState);
    const state =
      node.replacement === undefined
        ? attachLines(node.lines, () => stageOn(base, planContext.budget))
        : base;
    if (node.replacement === undefined) {
      const stage = { index, name: node.displayName };
      const names = bases.namesOf(node);
      for (const command of node.commands) {
        const turn = spend(COMMAND + this.#budget.work - this.#spent);
        this.#spent = this.#budget.work;
        if (turn !== undefined) await turn;
        evaluateInstruction(new Evaluation(planContext, state, stage, names, command, this.#linter));
      }
    }
    this.#states.set(node, state);
    return {
      index: node.index,
      name: node.displayName,
      platform: state.platform,
      lines: node.lines,
      base: base.files,
      result: state.files,
    };
  }

  /** The config of the target, with the labels and the platform of the options. */
  #finish({ image }: StageState): PlannedConfig {
    for (const [name, value] of Object.entries(this.#options.labels ?? {}))
      image.settings.labels.set(name, value);
    if (this.#wanted !== undefined) image.platform = withRequested(image.platform, this.#wanted);
    image.platform = normalizePlatform(image.platform);
    return plannedConfig(image);
  }
}

/** Applies a requested platform. Fields that were not requested keep the base's values. */
function withRequested(base: Platform, wanted: Platform): Platform {
  const isSame = base.os === wanted.os && base.architecture === wanted.architecture;
  return { ...(isSame && base), ...wanted };
}

/** @throws {PlanFault} for an image with more layers than can be read */
function requireLayerLimit(files: FileState, steps: readonly Step[], images: readonly PlannedImage[]): void {
  let state = files;
  let layers = 0;
  for (; state.kind === "step"; layers++) state = (steps[state.step] as Step).definition.parent;
  if (state.kind === "image") layers += images[state.image]?.config.rootfs.diff_ids.length ?? 0;
  if (layers <= limits.layers) return;
  const message = `The image would have ${layers} layers, more than ${limits.layers}`;
  throw new PlanFault("plan/too-large", message).at(nowhere);
}

/**
 * The ignore patterns for the lint rule. Undefined when there are exceptions, because those could include any path again.
 */
function ignoredPaths(patterns: readonly string[]): IgnoredPaths | undefined {
  try {
    const matcher = ignoreMatcher(patterns);
    return patterns.some((pattern) => pattern.startsWith("!")) ? undefined : { patterns, matcher };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new PlanFault("plan/ignore-file", error.reason).at(nowhere);
  }
}

/** Build arguments that record which of them were read. The others do not affect the result. */
class RecordedArgs extends Map<string, string> {
  readonly #used = new Set<string>();

  get used(): ReadonlySet<string> {
    return this.#used;
  }

  override get(name: string): string | undefined {
    if (super.has(name)) this.#used.add(name);
    return super.get(name);
  }

  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}
