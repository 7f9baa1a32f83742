import type { BuildInputs } from "../../schemas/build.ts";
import type { Attestation, BuildResult } from "../../schemas/events.ts";
import { ignoredView } from "../context/ignored-view.ts";
import { openContext } from "../context/store.ts";
import type { Diagnostic } from "../dockerfile/diagnostic.ts";
import { formatPlatform } from "../oci/platform.ts";
import { Annotations } from "./annotations.ts";
import { attach } from "./attest/attach.ts";
import { Attestations } from "./attest/attestations.ts";
import { materialsOf } from "./attest/materials.ts";
import type { Emit } from "./build-trees.ts";
import { BuildError } from "./errors.ts";
import { fixedEpoch } from "./execute.ts";
import { exportImage, readImageNames, scopeOf } from "./export.ts";
import { readIgnorePatterns } from "./inputs.ts";
import type { BuildContext } from "./keyed-step.ts";
import { planPlatforms } from "./plan-platforms.ts";
import { PlatformBuild } from "./platform-build.ts";
import { contextRemotes } from "./remote/remotes.ts";
import { type BuildMemory, StepCache } from "./step-cache.ts";
import { readTrail, writeTrail } from "./trail.ts";
import type { World } from "./world.ts";

/** A build whose inputs are found good: everything that can be known before carrying it out is known. */
export interface OpenBuild {
  /** Carries it out; may be called once. */
  run(emit: Emit, signal: AbortSignal): Promise<BuildResult>;
}

/**
 * Plans a build for each of its platforms and looks up every source.
 * @throws DockerfileError, BuildError: what is wrong with the inputs
 */
export async function openBuild(inputs: BuildInputs, world: World, memory: BuildMemory): Promise<OpenBuild> {
  const { options } = inputs;
  const names = readImageNames(options.tags);
  const annotations = new Annotations(options.annotations);
  const plans = await planPlatforms(inputs, world);
  const contexts = await openContexts(inputs, world);
  const remotes = contextRemotes(world);
  const image = scopeOf(names);
  const hasRun = plans.some(({ plan }) => plan.steps.some(({ definition }) => definition.kind === "run"));
  const cache = new StepCache(world.store, world.cache, memory, {
    isIgnored: options.noCache,
    ...(hasRun && { scope: image }),
  });
  const builds: PlatformBuild[] = [];
  for (const { plan, images } of plans) {
    const platform = formatPlatform(plan.platform);
    const opened = PlatformBuild.open({
      plan,
      images,
      contexts,
      remotes,
      world,
      cache,
      settings: {
        compression: options.compression,
        timestamps: options.timestamps,
        epoch: plan.epoch ?? fixedEpoch,
      },
      scope: image,
      uncached: new Set(options.noCacheFilter),
      prefix: plans.length > 1 ? `${platform}/` : "",
      trail: await readTrail(world.cache, image, platform),
    });
    builds.push(
      await opened.catch((error: unknown) => {
        throw error instanceof BuildError ? error.withFindings(plan.diagnostics) : error;
      }),
    );
  }
  return {
    async run(emit, signal) {
      emit({ type: "plan", steps: builds.flatMap(({ steps }) => steps) });
      // As BuildKit does, the findings of the first platform stand for all.
      for (const found of plans[0]?.plan.diagnostics ?? []) emit(warningOf(found, inputs.dockerfileName));
      const images = [];
      for (const build of builds) {
        const { image: built, trail } = await build.run({ emit, signal });
        images.push(built);
        await writeTrail(world.cache, image, formatPlatform(built.plan.platform), trail);
      }
      signal.throwIfAborted();
      const attested: Attestation[] = [];
      const statements = new Attestations({
        inputs,
        origin: world.origin,
        materials: ({ plan }) => materialsOf(plan, contexts, remotes),
        signal,
      });
      const result = await exportImage(
        world.store,
        images,
        names,
        async (built, manifest, { repository, tags }) => {
          const about = { image: built, manifest, repository, tags };
          for (const statement of await statements.about(about)) {
            const { digest } = await attach(world.store, repository, manifest, statement);
            attested.push({ digest, predicateType: statement.predicateType, subject: manifest.digest });
            emit({ type: "export", message: `exporting attestation manifest ${digest} done`, digest });
          }
        },
        annotations,
      );
      const { digest } = result.descriptor;
      emit({ type: "export", message: `exporting manifest ${digest} done`, digest });
      return attested.length === 0 ? result : { ...result, attestations: attested };
    },
  };
}

async function openContexts(
  inputs: BuildInputs,
  { store }: World,
): Promise<Map<string | undefined, BuildContext>> {
  const contexts = new Map<string | undefined, BuildContext>();
  const named = Object.entries(inputs.options.contexts).filter(([, value]) => value.startsWith("sha256:"));
  const all: [name: string | undefined, digest: string][] = [[undefined, inputs.context], ...named];
  for (const [name, digest] of all) {
    const context = await openContext(store, digest);
    if (context === undefined) {
      throw new BuildError("context-unknown", `Cannot build from context ${digest}: it is not stored here`, {
        hint: "Upload the context again.",
      });
    }
    const { tree } = context;
    // The Dockerfile has no say in what is ignored of other contexts.
    const ignore = name === undefined ? inputs.ignore : await readIgnorePatterns(tree);
    contexts.set(name, { digest, tree: ignoredView(tree, ignore) });
  }
  return contexts;
}

function warningOf({ code, message, lines, url }: Diagnostic, file: string) {
  return {
    type: "warning" as const,
    rule: code,
    message,
    file,
    line: lines.start,
    ...(lines.end === lines.start ? {} : { endLine: lines.end }),
    ...(url === undefined ? {} : { url }),
  };
}
