import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import { writeTar } from "../differential/archive/write.ts";
import { busyboxImage, findBusybox } from "../differential/bases/busybox.ts";
import { dir, file } from "../differential/bases/image.ts";
import { imageBytes } from "../differential/bases/oci.ts";
import { pushImage, startRegistry } from "../differential/bases/registry.ts";
import { type Builder, type BuildOptions, startDocker, startVarveCommand } from "./builder.ts";
import { contextFiles } from "./make-context.ts";
import { median, table } from "./table.ts";

// What RUN costs beside docker: many steps that do nothing, and one that writes much.

/** Bytes of files in the archive that the second case unpacks. */
const UNPACKED = 200_000_000;

interface RunCase {
  name: string;
  steps: string[];
  docker: BuildOptions;
  /** Of docker's time, at most. */
  target: number;
}

const cases: RunCase[] = [
  {
    name: "ten RUN that do nothing (docker build)",
    steps: Array<string>(10).fill("RUN true"),
    docker: { noCache: true, push: false },
    target: 1.0,
  },
  {
    name: "a RUN that unpacks 200 MB (docker build + push)",
    steps: ["RUN mkdir /app && tar -xzf /dependencies.tar.gz -C /app"],
    docker: { noCache: true },
    target: 1.2,
  },
];

/** Prints medians and ratios. Both builders have carried out a step on the base image before the first time is taken. */
export async function compareRun(folder: string, rounds: number): Promise<void> {
  await using registry = await startRegistry();
  await pushImage(`${registry.url}/v2/bench/base`, "1", baseImage());
  const rows: string[][] = [];
  for (const { name, steps, docker, target } of cases) {
    const contexts = await Promise.all(
      [["RUN echo ready"], steps].map(async (lines, index) => {
        const context = join(folder, `run-${rows.length}-${index}`);
        await mkdir(context);
        await writeFile(
          join(context, "Dockerfile"),
          [`FROM ${registry.host}/bench/base:1`, ...lines, ""].join("\n"),
        );
        return context;
      }),
    );
    const seconds: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      seconds[0].push(await timed(startDocker, contexts, docker));
      seconds[1].push(await timed(startVarveCommand, contexts, { noCache: true }));
    }
    const [theirs, ours] = seconds.map(median) as [number, number];
    const ratio = (ours / theirs).toFixed(2);
    rows.push([name, `${theirs.toFixed(2)} s`, `${ours.toFixed(2)} s`, ratio, target.toFixed(1)]);
  }
  console.log(`\n${table([["median", "docker", "varve build", "ratio", "target"], ...rows])}`);
}

async function timed(
  start: () => Promise<Builder>,
  [before = "", measured = ""]: readonly string[],
  options: BuildOptions,
): Promise<number> {
  await using builder = await start();
  await builder.build(before);
  const begun = performance.now();
  await builder.build(measured, options);
  return (performance.now() - begun) / 1000;
}

/** Busybox and an archive of what a Node project depends on. */
function baseImage() {
  const busybox = busyboxImage(findBusybox());
  const members = [];
  let bytes = 0;
  const directories = new Set<string>();
  for (const { path, content, mode } of contextFiles()) {
    const names = path.split("/").slice(0, -1);
    names.forEach((_, index) => {
      const directory = names.slice(0, index + 1).join("/");
      if (!directories.has(directory)) members.push(dir(directory));
      directories.add(directory);
    });
    members.push(file(path, content, { mode }));
    bytes += content.length;
    if (bytes >= UNPACKED) break;
  }
  const archive = file("dependencies.tar.gz", gzipSync(writeTar(members)));
  return imageBytes({
    ...busybox,
    layers: [...busybox.layers, { createdBy: "COPY dependencies.tar.gz /", members: [archive] }],
  });
}
