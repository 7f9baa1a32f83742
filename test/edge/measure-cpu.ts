import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { collect } from "../../src/streams/collect.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { endOfArchive } from "../../src/tar/write.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
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
/** Most megabytes of a layer of an image that is loaded. */
const LAYER = 400;

/** JavaScript of the installed packages, up to so many bytes. */
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
  return Buffer.concat(parts).subarray(0, bytes);
}

/** Different files with so many bytes in total: the JavaScript, repeated. */
async function* files(megabytes: number): AsyncGenerator<[path: string, bytes: Buffer]> {
  const source = await javascript(megabytes * MB);
  const size = Math.floor((megabytes * MB) / FILES);
  let at = 0;
  for (let index = 0; index < FILES; index++) {
    const parts = [Buffer.from(`// ${index}\n`)];
    for (let left = size; left > 0; ) {
      const part = source.subarray(at, at + left);
      parts.push(part);
      left -= part.length;
      at = (at + part.length) % source.length;
    }
    yield [`file-${index}.js`, Buffer.concat(parts)];
  }
}

/** A tar of these files, in pieces. */
async function* tarOfFiles(megabytes: number): AsyncGenerator<Uint8Array> {
  for await (const [path, bytes] of files(megabytes)) yield member({ path }, bytes);
  yield endOfArchive;
}

const tarOf = (entries: readonly (readonly [string, Uint8Array])[]) =>
  archive(...entries.map(([path, bytes]) => member({ path }, bytes)));

async function build({ fetch, host }: Lab, query: string, Dockerfile: string): Promise<void> {
  const body = tarOf([["Dockerfile", Buffer.from(Dockerfile.replaceAll("HOST", host))]]);
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
      for await (const [path, bytes] of files(megabytes)) await writeFile(join(folder, path), bytes);
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
      const layers = Math.ceil(megabytes / LAYER);
      const bytes = Math.floor((megabytes * MB) / layers);
      await writeLargeLayout(
        join(folder, "layout"),
        Array.from({ length: layers }, () => bytes),
      );
      await run("tar", ["-cf", "image.tar", "-C", "layout", "."], { cwd: folder });
      const path = await upload(
        lab,
        "cpu/loaded",
        createReadStream(join(folder, "image.tar"), { highWaterMark: 2 ** 25 }),
      );
      return () => ok(lab.fetch(`/v1/images/load?t=cpu/loaded&body=${path}`, { method: "POST" }));
    },
  },
  archive: {
    what: "convert a tar of a context",
    megabytes: 400,
    async prepare(lab, megabytes) {
      const Dockerfile = member({ path: "Dockerfile" }, "FROM scratch\nCOPY . /\n");
      const context = async function* () {
        yield Dockerfile;
        yield* tarOfFiles(megabytes);
      };
      const path = await upload(lab, "cpu/app", context());
      // No layer is written.
      return () => ok(lab.fetch(`/v1/builds?t=cpu/app&check=1&body=${path}`, { method: "POST" }));
    },
  },
  base: {
    what: "read a file of a foreign layer for the first time",
    megabytes: 400,
    async prepare(lab, megabytes) {
      await pushImage(lab, "cpu/app:base", await collect(tarOfFiles(megabytes), 2 * megabytes * MB));
      return () =>
        build(lab, "", "FROM HOST/cpu/app:base AS base\nFROM scratch\nCOPY --from=base /file-7.js /\n");
    },
  },
  recompress: {
    what: "force-compression of a layer, gzip to zstd",
    megabytes: 400,
    async prepare(lab, megabytes) {
      await pushImage(lab, "cpu/app:recompress", await collect(tarOfFiles(megabytes), 2 * megabytes * MB));
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
  using folder = temporaryFolder();
  const work = await prepare(lab, megabytes, folder.path);
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
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
const [chosen, size] = process.argv.slice(2);
for (const [name, scenario] of Object.entries(scenarios)) {
  if (chosen === undefined || chosen === name)
    await measure(scenario, size === undefined ? undefined : Number(size));
}
