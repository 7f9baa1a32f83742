import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryFolder, temporaryFolder } from "../../helpers/temporary-folder.ts";
import { startDebianRegistry } from "../../registry/debian-registry.ts";
import type { Builder } from "../builders/builder.ts";
import { startDocker } from "../builders/docker.ts";
import { startVarveCommand } from "../builders/varve.ts";
import type { Bench } from "../compare.ts";
import { run } from "../machine/program.ts";
import { table } from "../report/table.ts";
import { type Dimension, dimensions } from "./dimensions.ts";

/** A measured point of a curve. */
interface Point {
  x: number;
  /** Until all images can be pulled. */
  dockerSeconds: number;
  varveSeconds: number;
  /** CPU seconds of the server, and of varve's command. */
  dockerCpu: number;
  varveCpu: number;
  clientCpu: number;
  /** Peak resident memory of varve's server, in bytes. */
  memory: number;
  /** By kind, as `R2 read`. */
  operations: Record<string, number>;
}

export interface Curve extends Pick<Dimension, "name" | "unit"> {
  points: Point[];
}

/** Measures each dimension once, at growing sizes, each with new builders. */
export async function measureGrowth(bench: Bench, isWanted: (name: string) => boolean): Promise<Curve[]> {
  const { bases, daemon, log, command } = bench;
  await using registry = await startDebianRegistry();
  await bases.copy(["busybox:1"], registry);
  const curves: Curve[] = [];
  for (const dimension of dimensions.filter(({ name }) => isWanted(name))) {
    const { name, unit, sizes } = dimension;
    const points: Point[] = [];
    for (const x of sizes) {
      const contexts = await writeContexts(dimension, x);
      const docker = await measure(await startDocker({ daemon, registry, bases: ["busybox:1"] }), contexts);
      const varve = await measure(
        await startVarveCommand({ command, hub: registry.url, isCounted: true }),
        contexts,
      );
      points.push({
        x,
        dockerSeconds: docker.seconds,
        varveSeconds: varve.seconds,
        dockerCpu: docker.serverCpu,
        varveCpu: varve.serverCpu,
        clientCpu: varve.clientCpu,
        memory: varve.peakMemory ?? Number.NaN,
        operations: varve.operations ?? {},
      });
      log(
        `${name}, ${x} ${unit}: docker ${docker.seconds.toFixed(2)} s, varve ${varve.seconds.toFixed(2)} s`,
      );
      for (const context of contexts) context[Symbol.dispose]();
    }
    curves.push({ name, unit, points });
  }
  console.log(`\n## growth\n\n${curves.map(curveTable).join("\n\n")}`);
  return curves;
}

/** The folders of the builds that begin at the same time. */
async function writeContexts({ builds = () => 1, write }: Dimension, x: number): Promise<TemporaryFolder[]> {
  const contexts: TemporaryFolder[] = [];
  for (let number = 0; number < builds(x); number += 1) {
    const context = temporaryFolder();
    for (const [path, content] of write(x, number)) {
      const file = join(context.path, path);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, content);
    }
    contexts.push(context);
  }
  return contexts;
}

async function measure(builder: Builder, contexts: readonly TemporaryFolder[]) {
  await using used = builder;
  await run("sync", []);
  const measurements = await Promise.all(
    contexts.map(({ path }, number) => used.build(path, { image: `image-${number}`, noCache: true })),
  );
  return { seconds: Math.max(...measurements.map(({ seconds }) => seconds)), ...(await used.use()) };
}

const CPU = ["docker CPU s", "server CPU s", "client CPU s"];

function curveTable({ name, unit, points }: Curve): string {
  const kinds = [...new Set(points.flatMap(({ operations }) => Object.keys(operations)))].sort();
  return table([
    [`${name} (${unit})`, "docker s", "varve s", "ratio", ...CPU, "memory MB", ...kinds],
    ...points.map(({ x, dockerSeconds, varveSeconds, memory, operations, ...cpu }) => [
      String(x),
      dockerSeconds.toFixed(2),
      varveSeconds.toFixed(2),
      (varveSeconds / dockerSeconds).toFixed(2),
      ...[cpu.dockerCpu, cpu.varveCpu, cpu.clientCpu].map((seconds) => seconds.toFixed(2)),
      (memory / 1e6).toFixed(0),
      ...kinds.map((kind) => String(operations[kind] ?? 0)),
    ]),
  ]);
}
