import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeContext } from "../bench/make-context.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { ADMIN_TOKEN, type Lab, startLab } from "./lab.ts";
import { LiveMemory } from "./live-memory.ts";

// Prints the memory that builds have in one isolate: measure-memory.ts [scenario...]. Without arguments, all scenarios.

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

interface Stage {
  lab: Lab;
  /** Empty folders. */
  folder: string;
  home: string;
}

interface Scenario {
  what: string;
  /** What happens before memory is measured. */
  prepare?: (stage: Stage) => Promise<void>;
  measured: (stage: Stage) => Promise<void>;
}

/** Builds a folder with `varve build`. */
async function build({ lab, folder, home }: Stage, name: string, ...more: string[]): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    VARVE_TOKEN: ADMIN_TOKEN,
    VARVE_SERVER: lab.url,
  };
  const args = [join(root, "src/cli/varve.ts"), "build", "-t", `memory/${name}`, ...more, folder];
  await run(join(root, "node_modules/.bin/node"), args, { env, maxBuffer: 2 ** 28 });
}

/** Builds eight different archives of one random file each at the same time. */
async function buildArchives(lab: Lab, bytes: number): Promise<void> {
  const answers = Array.from({ length: 8 }, async (_, index) => {
    const files = {
      Dockerfile: "FROM scratch\nCOPY . /\n",
      index: String(index),
      random: randomBytes(bytes),
    };
    const answer = await lab.fetch(`/v1/builds?t=memory/app:${index}`, {
      method: "POST",
      body: contextOf(files),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
  });
  await Promise.all(answers);
}

async function writeSmallFiles(folder: string, files: number): Promise<void> {
  for (let from = 0; from < files; from += 500) {
    const directory = join(folder, "files", `directory-${from / 500}`);
    await mkdir(directory, { recursive: true });
    const numbers = Array.from({ length: 500 }, (_, index) => from + index);
    await Promise.all(
      numbers.map((number) => writeFile(join(directory, `file-${number}.txt`), `file ${number}\n`)),
    );
  }
}

async function writeLargeFile(path: string, bytes: number): Promise<void> {
  await using file = await open(path, "w");
  for (let at = 0; at < bytes; at += 2 ** 24) await file.write(randomBytes(Math.min(2 ** 24, bytes - at)));
}

const copyAll = "FROM scratch\nCOPY . /\n";

const scenarios: Record<string, Scenario> = {
  w1: {
    what: "varve build, cold, of 31,000 files and 430 MB",
    prepare: async ({ folder }) => void writeContext(folder),
    measured: (stage) => build(stage, "w1"),
  },
  archives: {
    what: "eight concurrent archives of 16 MB",
    measured: ({ lab }) => buildArchives(lab, 16_000_000),
  },
  large: {
    what: "varve build of one file of 2 GiB",
    prepare: async ({ folder }) => {
      await writeFile(join(folder, "Dockerfile"), copyAll);
      await writeLargeFile(join(folder, "large"), 2 ** 31);
    },
    measured: (stage) => build(stage, "large"),
  },
  files: {
    what: "varve build of 200,000 files",
    prepare: async ({ folder }) => {
      await writeFile(join(folder, "Dockerfile"), copyAll);
      await writeSmallFiles(folder, 200_000);
    },
    measured: (stage) => build(stage, "files"),
  },
  base: {
    what: "varve build of one file over a base of 200,000 files",
    prepare: async (stage) => {
      const { lab, folder } = stage;
      await writeFile(join(folder, "Dockerfile"), copyAll);
      await writeSmallFiles(folder, 200_000);
      await build(stage, "base");
      await rm(join(folder, "files"), { recursive: true });
      await writeFile(
        join(folder, "Dockerfile"),
        `FROM ${lab.host}/memory/base\nWORKDIR /files/x\nCOPY new ./\n`,
      );
      await writeFile(join(folder, "new"), "new");
    },
    measured: (stage) => build(stage, "over-base"),
  },
};

async function measure({ what, prepare, measured }: Scenario): Promise<void> {
  await using lab = await startLab({ r2Faults: 0 }, {}, { hasInspector: true });
  using folder = temporaryFolder();
  using home = temporaryFolder();
  const stage = { lab, folder: folder.path, home: home.path };
  await prepare?.(stage);
  const wake = async () => (await lab.fetch("/healthz")).text();
  await using memory = await LiveMemory.connect(await lab.inspector(), "lab", wake);
  const print = (when: string, { heap, buffers }: { heap: number; buffers: number }) =>
    console.log(`${what}: ${when} ${mb(heap + buffers)} MB: heap ${mb(heap)}, buffers ${mb(buffers)}`);
  print("before", await memory.sample());
  const began = Date.now();
  print("peak", await memory.during(() => measured(stage), 1_000));
  print(`after ${((Date.now() - began) / 1000).toFixed(1)} s`, await memory.sample());
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(scenarios)) {
  const scenario = scenarios[name];
  if (scenario === undefined)
    throw new Error(`There is no scenario ${name}: ${Object.keys(scenarios).join(", ")}`);
  await measure(scenario);
}
