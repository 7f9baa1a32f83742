import type { BuildInputs } from "../../schemas/build.ts";
import type { Attestation, BuildResult, StepInfo } from "../../schemas/events.ts";
import type { BuildOptions } from "../../schemas/options.ts";
import { followLinksInPieces, linksOf } from "../context/follow-links.ts";
import { ContextScope } from "../context/scope.ts";
import { openContext } from "../context/store.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { ImageName } from "../registry/names.ts";
import { inTurns } from "../streams/turns.ts";
import { Annotations } from "./annotations.ts";
import { attach } from "./attest/attach.ts";
import { Attestations } from "./attest/attestations.ts";
import { collectMaterials } from "./attest/materials.ts";
import { checkExport } from "./check-export.ts";
import type { BuildContext, BuildContexts } from "./contexts.ts";
import type { Emit } from "./emit.ts";
import { BuildError } from "./errors.ts";
import { readTrail, writeTrail } from "./explain/trail.ts";
import { exportImage, type PlatformImage, readImageNames, scopeOf } from "./export.ts";
import { readIgnorePatterns, visibleFiles } from "./inputs.ts";
import { layerFormat } from "./layer-format.ts";
import { requiredPaths } from "./plan/required-paths.ts";
import type { PlannedBuild } from "./plan-build.ts";
import { recompressLayer } from "./recompress.ts";
import { FetchedSources } from "./remote/fetched-sources.ts";
import { type PreparedPlatform, preparePlatform, stepInfos } from "./solve/prepared.ts";
import { type RewriteOptions, rewriteTimes } from "./solve/rewrite-times.ts";
import { type SolvedPlatform, type SolveResult, solve } from "./solve/solve.ts";
import type { Remotes } from "./solve/sources.ts";
import { indexLayers } from "./solve/states.ts";
import { type BuildMemory, type LayerRecord, StepCache } from "./solve/step-cache.ts";
import { commonCreated } from "./times.ts";
import { warningOf } from "./warning.ts";
import type { World } from "./world.ts";

/** A build with validated inputs. */
export interface PreparedBuild {
  inputs: BuildInputs;
  names: readonly ImageName[];
  annotations: Annotations;
  contexts: BuildContexts;
  remotes: Remotes;
  platforms: readonly PreparedPlatform[];
  /** The steps of all platforms. */
  steps: readonly StepInfo[];
}

/** Memory of the contexts of a build, in bytes. Builds of one context share it, and each counts it. */
export function memoryOf({ contexts }: PreparedBuild): number {
  let bytes = 0;
  for (const { tree } of contexts.values()) bytes += tree.whole.memory;
  return bytes;
}

/** A build whose image can be pulled. */
export interface FinishedBuild {
  result: BuildResult;
  /** Layers that only runners store, with the duration of their steps in milliseconds. */
  held: SolveResult["held"];
  /** Resolves when the layers are written that no image contains. */
  written: Promise<unknown>;
  /** Creates the tables of contents that COPY in a later build of the image will read; best effort. */
  indexLayers: () => Promise<void>;
}

/**
 * Opens the contexts of a planned build and finds all its sources in them.
 * @throws {BuildError} for invalid inputs
 */
export async function prepareBuild(planned: PlannedBuild, world: World): Promise<PreparedBuild> {
  const { inputs, platforms: plans } = planned;
  const { options } = inputs;
  const names = readImageNames(options.tags);
  const annotations = new Annotations(options.annotations);
  checkExport(
    options,
    annotations,
    plans.map(({ plan }) => plan.result.image.platform),
  );
  const contexts = await openContexts(planned, world);
  const remotes = new FetchedSources(world, { fetch: world.fetch });
  const platforms: PreparedPlatform[] = [];
  for (const { plan, images } of plans) {
    const { timestamps } = options;
    const prepared = preparePlatform({
      plan,
      images,
      contexts,
      remotes,
      settings: { ...layerFormat(options), timestamps, epoch: plan.epoch },
      prefix: plans.length > 1 ? `${formatPlatform(plan.platform)}/` : "",
      canRun: world.runners !== undefined,
    });
    platforms.push(
      await prepared.catch((error: unknown) => {
        throw error instanceof BuildError ? error.withFindings(plan.diagnostics) : error;
      }),
    );
  }
  const steps = platforms.flatMap(stepInfos);
  return { inputs, names, annotations, contexts, remotes, platforms, steps };
}

/**
 * Executes a build and exports its image.
 * @throws {BuildError}
 */
export async function runBuild(
  build: PreparedBuild,
  world: World,
  memory: BuildMemory,
  emit: Emit,
  signal: AbortSignal,
): Promise<FinishedBuild> {
  const { inputs, names, contexts, remotes, platforms, steps } = build;
  const { options, dockerfileName } = inputs;
  const instructions = [...(platforms[0]?.plan.instructions ?? [])];
  emit({ type: "plan", steps: [...steps], ...(instructions.length > 0 && { instructions }) });
  // Like BuildKit, reports only the findings of the first platform.
  for (const found of platforms[0]?.plan.diagnostics ?? [])
    emit({ type: "warning", ...warningOf(found, dockerfileName) });
  const scope = scopeOf(names);
  const hasRun = platforms.some(({ plan }) => plan.steps.some(({ definition }) => definition.kind === "run"));
  const hasPrivate = platforms.some(({ images }) => images.some(({ isPrivate }) => isPrivate));
  const trails = platforms.map(({ plan }) => readTrail(world.cache, scope, formatPlatform(plan.platform)));
  const cache = new StepCache(world.store, world.cache, memory, {
    isIgnored: options.noCache,
    ...((hasRun || hasPrivate) && { scope }),
  });
  const solved = await solve({
    platforms,
    trails: await Promise.all(trails),
    world,
    cache,
    contexts,
    remotes,
    scope,
    uncached: new Set(options.noCacheFilter),
    dockerfile: dockerfileName,
    emit,
    signal,
  });
  signal.throwIfAborted();
  for (const { prepared, trail } of solved.platforms) {
    const platform = formatPlatform(prepared.plan.platform);
    solved.background.add(writeTrail(world.cache, scope, platform, trail));
  }
  const images: PlatformImage[] = [];
  for (const one of solved.platforms)
    images.push(await exportableImage(one, { world, cache, scope, signal }, options));
  const result = await exportBuild(build, world, images, emit, signal);
  await solved.background.idle();
  return {
    result,
    held: solved.held,
    written: solved.written,
    indexLayers: async () => {
      if (!solved.isNew) return;
      for (const { layers } of images) await indexLayers(world.store, scope, layers, signal);
    },
  };
}

async function exportBuild(
  { inputs, names, annotations, contexts, remotes }: PreparedBuild,
  { store, cache, origin, segments }: World,
  images: readonly PlatformImage[],
  emit: Emit,
  signal: AbortSignal,
): Promise<BuildResult> {
  const attested: Attestation[] = [];
  const statements = new Attestations({
    inputs,
    origin,
    materials: ({ plan }) => collectMaterials(plan, contexts, remotes),
    signal,
  });
  if (inputs.options.forceCompression) {
    const format = layerFormat(inputs.options);
    for (const image of images) {
      const layers: LayerRecord[] = [];
      // Sequential, to bound memory.
      for (const layer of image.layers) {
        signal.throwIfAborted();
        layers.push(await recompressLayer(layer, format, { store, cache, segments }, signal));
      }
      image.layers = layers;
    }
  }
  const { byDigest, ociMediaTypes, attestations } = inputs.options;
  const result = await exportImage(store, images, names, {
    byDigest,
    ociMediaTypes,
    attestations,
    annotations,
    attest: (image, manifest, places) => statements.about({ image, manifest, places }),
    async attach(repository, manifest, about) {
      for (const statement of about) {
        const { digest } = await attach(store, repository, manifest, statement);
        if (attested.some((one) => one.digest === digest)) continue;
        attested.push({ digest, predicateType: statement.predicateType, subject: manifest.digest });
        emit({ type: "export", message: `exporting attestation manifest ${digest} done`, digest });
      }
    },
  });
  const { digest } = result.descriptor;
  emit({ type: "export", message: `exporting manifest ${digest} done`, digest });
  return attested.length === 0 ? result : { ...result, attestations: attested };
}

async function exportableImage(
  { prepared, state }: SolvedPlatform,
  rewriting: Omit<RewriteOptions, "settings">,
  { rewriteTimestamp }: Pick<BuildOptions, "rewriteTimestamp">,
): Promise<PlatformImage> {
  const { plan, settings } = prepared;
  const layers = await Promise.all(state.layers.map((layer) => layer.ensureStored()));
  const isRewritten = rewriteTimestamp && plan.epoch !== undefined;
  return {
    plan,
    layers: isRewritten ? await rewriteTimes(plan, layers, plan.epoch, { ...rewriting, settings }) : layers,
    created: commonCreated(settings),
    tree: () => state.tree(),
  };
}

/** Opens the contexts of a plan, reduced to the paths that some step reads: see `requiredPaths`. */
async function openContexts({ inputs, platforms }: PlannedBuild, { store }: World): Promise<BuildContexts> {
  const required = requiredPaths(platforms.map(({ plan }) => plan));
  const contexts = new Map<string | undefined, BuildContext>();
  const named = Object.entries(inputs.options.contexts).filter(([, value]) => value.startsWith("sha256:"));
  const all: [name: string | undefined, digest: string][] = [[undefined, inputs.context], ...named];
  const scope = new ContextScope(store, scopeOf(readImageNames(inputs.options.tags)));
  for (const [name, digest] of all) {
    const copy = await scope.copyOf(digest);
    const context = await openContext(store, digest, copy);
    if (context === undefined) {
      throw new BuildError("context-unknown", `Cannot build from context ${digest}: it is not stored here`, {
        hint: "Upload the context again.",
      });
    }
    const { tree } = context;
    // The ignore file next to the Dockerfile applies only to the main context.
    const ignore = name === undefined ? inputs.ignore : await readIgnorePatterns(tree);
    const paths = required.has(name) ? required.get(name) : [];
    const selection = {
      ignore,
      include: paths && (await inTurns(followLinksInPieces(paths, linksOf(tree)))),
    };
    contexts.set(name, { digest, copy, ...selection, tree: await visibleFiles(tree, selection) });
  }
  return contexts;
}
