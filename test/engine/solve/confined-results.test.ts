import { expect, test } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import type { JobResult, Task } from "../../../schemas/runner.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import {
  type FoundSnapshot,
  HolderUnfitError,
  type RunnerPool,
  type RunnerSnapshot,
  type TaskOptions,
  type TaskOutcome,
} from "../../../src/engine/run/runners.ts";
import type { World } from "../../../src/engine/world.ts";
import type { Node, Tree } from "../../../src/rootfs/tree.ts";
import { collect } from "../../../src/streams/collect.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { MemoryRunner } from "../../helpers/memory-runner.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";
import { file, tree } from "../../helpers/tree.ts";
import { archive, member } from "../../tar/archive.ts";

/** A runner of a client, which only the scope of the build trusts, beside one that all builds trust. */
class TwoRunners implements RunnerPool {
  readonly own: MemoryRunner;
  readonly pool: MemoryRunner;
  /** Whether the client's runner executes a task. */
  isOwn: (task: Task) => boolean = () => false;
  /** The digests that the client's runner claims for selections. */
  claimed: string[] = [];
  /** Digests of the last selection of the other runner. */
  selected: string[] = [];

  constructor({ store }: World) {
    // Describes its file as one with another content.
    this.own = new MemoryRunner(store, () => withDigest(tree({ new: file("wrong") }), "right"));
    this.own.isConfined = true;
    this.pool = new MemoryRunner(store, async ({ args }, base) => {
      const command = args.at(-1) ?? "";
      return command === "read"
        ? tree({ seen: file(await textOf(base, "new")) })
        : tree({ new: file(command) });
    });
  }

  /** The client's runner has disconnected. */
  find(names: readonly string[]): Promise<Map<string, FoundSnapshot>> {
    return this.pool.find(names);
  }

  async keep(snapshot: RunnerSnapshot, names: readonly string[]): Promise<void> {
    await (snapshot.runner === this.own.id ? this.own : this.pool).keep(snapshot, names);
  }

  async execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    const { holder } = options;
    const isOwn = task.kind === "layer" ? holder === this.own.id : this.isOwn(task);
    const runner = isOwn ? this.own : this.pool;
    if (holder !== undefined && holder !== runner.id) throw new HolderUnfitError();
    const outcome = await runner.execute(task, options);
    const { result }: { result: JobResult } = outcome;
    if (result.kind !== "select") return outcome;
    if (isOwn) result.digests = this.claimed;
    else this.selected = result.digests;
    return outcome;
  }
}

async function textOf(files: Tree, path: string): Promise<string> {
  const node = files.lookup(path);
  const contents = node && files.read(node);
  if (contents === undefined) throw new Error(`${path} has no contents`);
  return new TextDecoder().decode(await collect(contents, 100));
}

/** The files of a tree with the digest of another content. */
function withDigest(files: Tree, content: string): Tree {
  const digest = sha256(new TextEncoder().encode(content));
  const describe = (node: Node): Node => (node.type === "file" ? { ...node, digest } : node);
  return {
    lookup(path) {
      const node = files.lookup(path);
      return node && describe(node);
    },
    children: (path) => Array.from(files.children(path), describe),
    walk: (path) => Array.from(files.walk(path), describe),
    read: (node) => files.read(node),
  };
}

/** Builds for a repository. @returns the digest of the image */
async function build(world: World, repository: string, ...lines: string[]): Promise<string> {
  const tar = new TextDecoder().decode(archive(member({ path: "new" }, "right")));
  const files = { Dockerfile: `${lines.join("\n")}\n`, "new.tar": tar };
  const context = await contextOf(world.store, files);
  const options = readOptions(new URLSearchParams({ t: `${repository}:1`, timestamps: "fixed" }));
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const { signal } = new AbortController();
  return (await runBuild(prepared, world, buildMemory(), () => {}, signal)).result.descriptor.digest;
}

function newWorld() {
  const world = memoryWorld();
  const runners = new TwoRunners(world);
  return { runners, world: { ...world, runners } };
}

/** The digest that a build has on a server without other builds. */
function buildAlone(...lines: string[]): Promise<string> {
  return build(newWorld().world, "alone", ...lines);
}

test("a trusted runner's results that depend on another runner are found in their scope only", async () => {
  const { world, runners } = newWorld();
  const lines = [
    "FROM scratch AS first",
    "RUN right",
    "FROM scratch AS second",
    "COPY --from=first /new /copied",
    "RUN second",
    "FROM scratch",
    "COPY --from=second /copied /copied",
  ];
  runners.isOwn = ({ kind }) => kind === "run" && runners.own.runs.length === 0;
  await build(world, "scope/one", ...lines);
  expect(runners.own.runs.length).toBe(1);
  runners.isOwn = () => false;
  expect(await build(world, "scope/two", ...lines)).toBe(await buildAlone(...lines));
});

test("digests that a runner computes count only as far as it is trusted", async () => {
  const { world, runners } = newWorld();
  const copy = (command: string) => [
    "FROM scratch AS s",
    `RUN ${command}`,
    "FROM scratch",
    "COPY --from=s /new /",
  ];
  await build(world, "scope/one", ...copy("other"));
  runners.claimed = runners.selected;
  runners.isOwn = ({ kind }) => kind === "select";
  await build(world, "scope/one", ...copy("right"));
  runners.isOwn = () => false;
  expect(await build(world, "scope/two", ...copy("right"))).toBe(await buildAlone(...copy("right")));
});

test("a layer of trusted files is not that of a runner that described other files as equal", async () => {
  const { world, runners } = newWorld();
  runners.isOwn = () => true;
  await build(world, "scope/one", "FROM scratch", "RUN right");
  await build(world, "scope/one", "FROM scratch AS s", "RUN right", "FROM scratch", "COPY --from=s /new /");
  runners.isOwn = () => false;
  const lines = ["FROM scratch", "ADD new.tar /", "RUN read"];
  await build(world, "scope/one", ...lines);
  expect(await build(world, "scope/two", ...lines)).toBe(await buildAlone(...lines));
});
