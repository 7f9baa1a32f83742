import { expect } from "vitest";
import { type Provenance, type Statement, statement } from "../../../schemas/attestations.ts";
import type { BuildResult } from "../../../schemas/events.ts";
import { readOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { buildId, readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import type { World } from "../../../src/engine/world.ts";
import { blobKey, manifestKey } from "../../../src/oci/content-key.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import { StoreRegistry } from "../../../src/registry/store/store-registry.ts";
import { allOf } from "../../helpers/all-of.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";

export type Files = Record<string, string>;

/** Builds in memory and finds the attestations of the images. */
export class Bench {
  readonly world: World;

  constructor(options: Parameters<typeof memoryWorld>[0] = {}) {
    this.world = memoryWorld(options);
  }

  /** Stores attestations as referrers rather than in the index, unless the query requests another way. */
  async build(
    query: Record<string, string>,
    built: Files,
    names: readonly string[] = ["team/app:1"],
  ): Promise<{ result: BuildResult; id: string }> {
    const context = await contextOf(this.world.store, built);
    const parameters = new URLSearchParams({ attestations: "referrers", ...query });
    if (query.t === undefined) for (const name of names) parameters.append("t", name);
    const options = readOptions(parameters);
    const inputs = await readInputs({ context, dockerfile: undefined }, options);
    const planned = await planBuild(inputs, this.world);
    const prepared = await prepareBuild(planned, this.world);
    const signal = new AbortController().signal;
    const { result } = await runBuild(prepared, this.world, buildMemory(), () => {}, signal);
    return { result, id: buildId(planned.inputs) };
  }

  /** The statements of an image's referrers, found as clients find them. */
  async statements(digest: string): Promise<Statement[]> {
    const registry = new StoreRegistry(this.world.store);
    const descriptors = await allOf(registry.referrers("team/app", digest));
    return Promise.all(
      descriptors.map(async (artifact) => {
        expect(artifact.artifactType).toBe("application/vnd.in-toto+json");
        const bytes = (await this.world.store.getBytes(manifestKey(artifact.digest))) as Uint8Array;
        const { layers, subject, config } = parseManifest(bytes);
        expect(subject?.digest).toBe(digest);
        expect(config.mediaType).toBe("application/vnd.oci.empty.v1+json");
        const [layer] = layers;
        expect((await registry.resolveBlob("team/app", layer?.digest ?? "")).size).toBe(layer?.size);
        const value = JSON.parse(
          new TextDecoder().decode(await this.world.store.getBytes(blobKey(layer?.digest ?? ""))),
        );
        expect(layer?.annotations).toEqual({ "in-toto.io/predicate-type": value.predicateType });
        return statement.parse(value);
      }),
    );
  }

  async provenance(query: Record<string, string>, built: Files): Promise<Provenance> {
    const { result } = await this.build(query, built);
    const [only, ...others] = await this.statements(result.descriptor.digest);
    expect(others).toEqual([]);
    return only?.predicate as Provenance;
  }
}
