import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha256 } from "../../src/streams/sha256.ts";
import { archive, member } from "../tar/archive.ts";
import { writeLargeLayout } from "./image-layout.ts";
import { ADMIN_TOKEN, type Lab, startLab } from "./lab.ts";
import { ok, pushImage, upload } from "./push-image.ts";
import { runtimeCpu } from "./runtime-cpu.ts";

// Prints the CPU time that work on large contents needs in the runtime, whose storage is in this process:
// measure-cpu.ts [scenario [megabytes]]. Without arguments, all scenarios.

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);
const MB = 1_000_000;
/** Files of a context, or of a layer. */
const FILES = 24;

/** JavaScript of the installed packages, repeated. */
async function javascript(bytes: number): Promise<Buffer> {
  const folder = join(root, "node_modules");
  const parts: Buffer[] = [];
  let size = 0;
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (size >= bytes) break;
    if (!/^(?!\.)[^/]+\/.*\.[cm]?js$/.test(name)) continue;
    const part = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    parts.push(part);
    size += part.length;
  }
  const once = Buffer.concat(parts);
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / once.length) }, () => once)).subarray(0, bytes);
}

/** Different files with so many bytes in total. */
async function files(megabytes: number): Promise<[path: string, bytes: Buffer][]> {
  const source = await javascript(megabytes * MB);
  const size = Math.floor(source.length / FILES);
  return Array.from({ length: FILES }, (_, index) => {
    const bytes = source.subarray(index * size, (index + 1) * size);
    return [`file-${index}.js`, Buffer.concat([Buffer.from(`// ${index}\n`), bytes])];
  });
}

const tarOf = (entries: readonly (readonly [string, Uint8Array])[]) =>
  archive(...entries.map(([path, bytes]) => member({ path }, bytes)));

async function build({ fetch, host }: Lab, query: string, Dockerfile: string): Promise<void> {
  const body = tarOf([
    ["Dockerfile", Buffer.from(Dockerfile.replaceAll("HOST", host))],
  ]) as Uint8Array<ArrayBuffer>;
  await ok(fetch(`/v1/builds?t=cpu/built&${query}`, { method: "POST", body }));
}

interface Scenario {
  what: string;
  megabytes: number;
  /** What is sent before the measurement. @returns the work that is measured */
  prepare: (lab: Lab, megabytes: number, folder: string) => Promise<() => Promise<unknown>>;
}

const scenarios: Record<string, Scenario> = {
  layer: {
    what: "varve build of a layer",
    megabytes: 1500,
    async prepare(lab, megabytes, folder) {
      await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /\n");
      for (const [path, bytes] of await files(megabytes)) await writeFile(join(folder, path), bytes);
      const env = { PATH: process.env.PATH, HOME: folder, VARVE_TOKEN: ADMIN_TOKEN, VARVE_SERVER: lab.url };
      const args = [join(root, "src/cli/varve.ts"), "build", "-t", "cpu/layer", folder];
      return () => run(join(root, "node_modules/.bin/node"), args, { env, maxBuffer: 2 ** 28 });
    },
  },
  push: {
    what: "verify and store an upload",
    megabytes: 400,
    async prepare(lab, megabytes) {
      const bytes = randomBytes(megabytes * MB);
      const path = await upload(lab, "cpu/app", bytes);
      const digest = sha256(bytes);
      return () => ok(lab.fetch(`${path}?digest=${digest}`, { method: "PUT" }));
    },
  },
  load: {
    what: "load an archive of an image",
    megabytes: 400,
    async prepare(lab, megabytes, folder) {
      await writeLargeLayout(join(folder, "layout"), [megabytes * MB]);
      await run("tar", ["-cf", "image.tar", "-C", "layout", "."], { cwd: folder });
      const path = await upload(lab, "cpu/loaded", await readFile(join(folder, "image.tar")));
      return () => ok(lab.fetch(`/v1/images/load?t=cpu/loaded&body=${path}`, { method: "POST" }));
    },
  },
  archive: {
    what: "convert a tar of a context",
    megabytes: 400,
    async prepare(lab, megabytes) {
      const Dockerfile = Buffer.from("FROM scratch\nCOPY . /\n");
      const path = await upload(
        lab,
        "cpu/app",
        tarOf([["Dockerfile", Dockerfile], ...(await files(megabytes))]),
      );
      return () => ok(lab.fetch(`/v1/builds?t=cpu/app&body=${path}`, { method: "POST" }));
    },
  },
  base: {
    what: "read a file of a foreign layer for the first time",
    megabytes: 400,
    async prepare(lab, megabytes) {
      await pushImage(lab, "cpu/app:base", tarOf(await files(megabytes)));
      return () =>
        build(lab, "", "FROM HOST/cpu/app:base AS base\nFROM scratch\nCOPY --from=base /file-7.js /\n");
    },
  },
  recompress: {
    what: "force-compression of a layer, gzip to zstd",
    megabytes: 400,
    async prepare(lab, megabytes) {
      await pushImage(lab, "cpu/app:recompress", tarOf(await files(megabytes)));
      return () =>
        build(lab, "compression=zstd&forcecompression=1", "FROM HOST/cpu/app:recompress\nLABEL a=b\n");
    },
  },
};

async function measure(
  { what, prepare, ...scenario }: Scenario,
  megabytes = scenario.megabytes,
): Promise<void> {
  await using lab = await startLab({ r2Faults: 0 }, {}, { cpu: runtimeCpu });
  const folder = await mkdtemp(join(tmpdir(), "varve-cpu-"));
  try {
    const work = await prepare(lab, megabytes, folder);
    const before = await runtimeCpu();
    await work();
    let rest = (await runtimeCpu()) - before;
    console.log(`${what}, ${megabytes} MB: ${seconds(rest)} s in all`);
    const { cpu } = await lab.observed();
    for (const [name, times] of Object.entries(cpu)) {
      const sum = times.reduce((total, time) => total + time, 0);
      rest -= sum;
      console.log(
        `  ${name}: ${times.length} calls, most ${seconds(Math.max(...times))} s, sum ${seconds(sum)} s`,
      );
    }
    console.log(`  the rest: ${seconds(rest)} s, ${seconds((rest / megabytes) * 1000)} s per GB`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
const [chosen, size] = process.argv.slice(2);
for (const [name, scenario] of Object.entries(scenarios)) {
  if (chosen === undefined || chosen === name)
    await measure(scenario, size === undefined ? undefined : Number(size));
}
