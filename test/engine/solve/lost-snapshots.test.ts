import { expect, test } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import type { Task } from "../../../schemas/runner.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import {
  type FoundSnapshot,
  type RunnerPool,
  SnapshotsLostError,
  type TaskOptions,
  type TaskOutcome,
} from "../../../src/engine/run/runners.ts";
import type { World } from "../../../src/engine/world.ts";
import { manifestKey } from "../../../src/oci/content-key.ts";
import { parseImageIndex } from "../../../src/oci/image-index.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import type { CacheStore } from "../../../src/store/cache-store.ts";
import { memoryCache } from "../../../src/store/memory-cache.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { MemoryRunner } from "../../helpers/memory-runner.ts";
import { buildMemory, memoryWorld, OWN_HOST } from "../../helpers/memory-world.ts";
import { file, tree } from "../../helpers/tree.ts";

async function build(world: World, query: Record<string, string>, ...lines: string[]) {
  const context = await contextOf(world.store, { Dockerfile: `${lines.join("\n")}\n` });
  const options = readOptions(new URLSearchParams({ t: "team/app:1", ...query }));
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const { signal } = new AbortController();
  const { result } = await runBuild(prepared, world, buildMemory(), () => {}, signal);
  return result;
}

/** Two runners, of which the first disappears when a step wants to use its stored layer. */
class DisappearingRunner implements RunnerPool {
  readonly #first: MemoryRunner;
  readonly #second: MemoryRunner;
  readonly #stored = Promise.withResolvers<void>();
  readonly #noticed = Promise.withResolvers<void>();

  constructor({ store }: World) {
    const make = () => tree({ new: file("made") });
    this.#first = new MemoryRunner(store, make);
    this.#first.snapshotBytes = 100 * 2 ** 20;
    this.#second = new MemoryRunner(store, make);
  }

  find(): Promise<Map<string, FoundSnapshot>> {
    return Promise.resolve(new Map());
  }

  async keep(): Promise<void> {}

  async execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    const { holder } = options;
    const { kind, args }: { kind: Task["kind"]; args?: string[] } = task;
    const command = args?.at(-1);
    if (command === "base") return this.#first.execute(task, options);
    if (holder === this.#first.id) {
      if (kind === "layer") {
        const outcome = await this.#first.execute(task, options);
        setTimeout(this.#stored.resolve, 10);
        return outcome;
      }
      await this.#stored.promise;
      throw new SnapshotsLostError(holder);
    }
    // The layer that one step waits for, while another one notices that the first runner is lost.
    if (kind === "layer" && holder === this.#second.id) await this.#noticed.promise;
    const outcome = await this.#second.execute(task, options);
    if (command === "notice") this.#noticed.resolve();
    return outcome;
  }
}

test("a step does not ask for a runner that was lost while its other inputs were stored", async () => {
  const world = memoryWorld();
  const runners = new DisappearingRunner(world);
  const { tags } = await build(
    { ...world, runners },
    {},
    "FROM scratch AS other",
    "RUN other",
    "FROM scratch AS base",
    "RUN base",
    "FROM base AS noticing",
    "RUN notice",
    "FROM base",
    "RUN --mount=from=other,target=/m last",
    "RUN --mount=from=noticing,target=/m end",
  );
  expect(tags).toEqual(["team/app:1"]);
});

test("a platform uses no earlier result above a RUN that the build executed for another platform", async () => {
  const cache = memoryCache();
  let lost: string | undefined;
  const get: CacheStore["get"] = async <T>(keys: readonly string[]) => {
    const found = await cache.get<T>(keys);
    return new Map([...found].filter(([, value]) => !JSON.stringify(value).includes(lost ?? "nothing")));
  };
  const world = memoryWorld({ cache: { ...cache, get } });
  let runs = 0;
  const runners = new MemoryRunner(world.store, ({ args }) =>
    tree({ [args.at(-1) ?? ""]: file(`${++runs}`) }),
  );
  const own = { ...world, runners };
  const read = async (digest: string) =>
    (await world.store.getBytes(manifestKey(digest))) ?? new Uint8Array();
  const layersOf = async (...added: string[]) => {
    const lines = [`FROM --platform=linux/amd64 ${OWN_HOST}/team/base`, "RUN first", "RUN second", ...added];
    const { descriptor } = await build(own, { platform: "linux/amd64,linux/arm64" }, ...lines);
    const { manifests } = parseImageIndex(await read(descriptor.digest));
    return Promise.all(
      manifests.map(async ({ digest }) => parseManifest(await read(digest)).layers.map((one) => one.digest)),
    );
  };
  await build(own, { t: "team/base", platform: "linux/amd64" }, "FROM scratch", "WORKDIR /base");
  const [first] = await layersOf();
  // The build cache forgets the first step.
  lost = first?.[1];
  runners.lose();
  const [one, other] = await layersOf("WORKDIR /last");
  expect({ runs, layers: other }).toEqual({ runs: 4, layers: one });
});
