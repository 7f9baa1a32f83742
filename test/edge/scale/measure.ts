import { type ChildProcess, execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Usage } from "../../../schemas/usage.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { buildBusybox } from "../../attack/build.ts";
import { pruneLargeStore } from "../../garbage/large-store.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import { spawnRunner } from "../../helpers/spawn-runner.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { ADMIN_TOKEN, type Lab, RUNNER_TOKEN, startLab } from "../lab.ts";
import { runtimeCpu } from "../runtime-cpu.ts";
import type { BillableUse } from "./prices.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
const node = join(root, "node_modules/.bin/node");
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Images that are pushed between the prunes of the two stores. */
const MORE_IMAGES = 60;
/** Blobs of the large stores that are pruned. */
const LARGE_STORES = [5_000, 25_000];

/** Operations and CPU time of one use of the server. */
interface Measured {
  use: BillableUse;
  /** Calls of Durable Objects by class. */
  calls: Record<string, number>;
  /** Operations of R2. */
  r2: number;
  /** Seconds until the client had its answer, on this machine. */
  seconds: number;
}

/** The project that is built: a service with its modules. */
export const PROJECT = { modules: 1500, sources: 100, moduleBytes: 6000, sourceBytes: 4000 };

/** Uses that are measured, in their order. */
export const kinds = {
  cold: "`varve build`, cold",
  rebuild: "`varve build`, one source file changed",
  unchanged: "`varve build`, nothing changed",
  archive: "`tar \\| curl`, cold",
  run: "the same with one RUN, cold",
  runRebuild: "the same with one RUN, one source file changed",
  pull: "pull, as docker does it",
  push: "push of three layers",
  prune: "prune of a small store, nothing changed",
  pruneNew: `prune after ${MORE_IMAGES} images were pushed`,
  pruneMore: "the same again, nothing changed",
} as const;
export type Kind = keyof typeof kinds;

export type Measurements = Record<Kind, Measured> & {
  /** Objects in R2 when the prunes without changes ran. */
  objects: Record<"prune" | "pruneMore", number>;
  /** Prunes of two large stores in which nothing has changed since the prune before. */
  largePrunes: readonly { objects: number; operations: number }[];
  /** The most operations of one request, or of all calls of one instance of an object. */
  subrequests: number;
};

const classA = ["put", "list", "createMultipartUpload", "uploadPart", "completeMultipartUpload"];
const classB = ["head", "get"];

/** Waits until the server is idle; metrics are sent after five seconds. */
async function idle(lab: Lab) {
  for (let before = "", quiet = 0; quiet < 6; ) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const now = JSON.stringify((await lab.observed()).operations);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
  return lab.observed();
}

async function storedBytes(lab: Lab): Promise<Usage["total"]> {
  return ((await (await lab.fetch("/v1/usage")).json()) as Usage).total;
}

async function measure(lab: Lab, act: () => Promise<void>): Promise<Measured> {
  const stored = await storedBytes(lab);
  const before = await idle(lab);
  const cpu = await runtimeCpu();
  const began = Date.now();
  await act();
  const seconds = (Date.now() - began) / 1000;
  const after = await idle(lab);
  const cpuMs = Math.round((await runtimeCpu()) - cpu);
  const grown = (await storedBytes(lab)).bytes - stored.bytes;
  const count = (name: string) => (after.operations[name] ?? 0) - (before.operations[name] ?? 0);
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + count(`r2.${name}`), 0);
  const calls = Object.fromEntries(
    Object.entries(after.objectCalls).map(([name, total]) => [name, total - (before.objectCalls[name] ?? 0)]),
  );
  return {
    use: {
      requests: count("requests"),
      cpuMs,
      objectRequests: Object.values(calls).reduce((total, number) => total + number, 0),
      // An object has 128 MB for billing. That of the build, and where a RUN waits that of the runners, are active meanwhile.
      objectGbSeconds:
        ((calls.Build ?? 0) > 0 ? 1 : 0) * ((calls.Runners ?? 0) > 0 ? 2 : 1) * seconds * 0.128,
      rowsRead: count("sql.read"),
      rowsWritten: count("sql.written"),
      classA: sum(classA),
      classB: sum(classB),
      storedGb: grown / 1e9,
      kvReads: count("kv.keys"),
      kvWrites: count("kv.put"),
    },
    calls,
    r2: sum([...classA, ...classB, "delete"]),
    seconds,
  };
}

/** Text that compresses like source: words of a small list and numbers. */
function source(seed: number, bytes: number): string {
  const words = "const return import export function await string number value result index length".split(
    " ",
  );
  const digest = (at: number) => createHash("sha256").update(`${seed}/${at}`).digest();
  let text = "";
  for (let at = 0; text.length < bytes; at++) {
    for (const byte of digest(at))
      text += `${words[byte % words.length]} ${byte < 64 ? `n${at * byte} ` : ""}`;
    text += "\n";
  }
  return text.slice(0, bytes);
}

function project(seed: number, Dockerfile: string): Record<string, string> {
  const files: Record<string, string> = { Dockerfile, "package.json": `{"name":"service-${seed}"}` };
  for (let at = 0; at < PROJECT.modules; at++)
    files[`node_modules/module-${at % 150}/file-${at}.js`] = source(seed + at, PROJECT.moduleBytes);
  for (let at = 0; at < PROJECT.sources; at++)
    files[`src/file-${at}.js`] = source(seed + 10_000 + at, PROJECT.sourceBytes);
  return files;
}

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const copies = "WORKDIR /app\nCOPY package.json ./\nCOPY node_modules ./node_modules\nCOPY src ./src\n";

/** Runs the Worker in the lab, without faults, and counts what each use of it needs. */
export async function measureUses(report: (line: string) => void): Promise<Measurements> {
  await using lab = await startLab({ r2Faults: 0, kvElsewhere: 0 });
  using temporary = temporaryFolder();
  const folder = temporary.path;
  let runner: ChildProcess | undefined;
  const env = { PATH: process.env.PATH, HOME: folder, VARVE_TOKEN: ADMIN_TOKEN, VARVE_SERVER: lab.url };
  const build = async (name: string, context: string) => {
    await run(node, [join(root, "src/cli/varve.ts"), "build", "--runner", "pool", "-t", name, "."], {
      cwd: join(folder, context),
      env,
    });
  };
  const edit = (context: string) =>
    writeFile(
      join(folder, context, "src/file-7.js"),
      `${source(7, PROJECT.sourceBytes)}${randomBytes(8).toString("hex")}`,
    );
  try {
    await buildBusybox(lab.url, { authorization: `Bearer ${ADMIN_TOKEN}` });
    await write(join(folder, "copy"), project(1, `FROM ${lab.host}/busybox\n${copies}`));
    await write(
      join(folder, "run"),
      project(
        2_000_000,
        `FROM ${lab.host}/busybox\n${copies}RUN cat src/* | sha256sum > /app/sum && dd if=/dev/urandom of=/app/out bs=1k count=500\n`,
      ),
    );
    const uses: Partial<Record<Kind, Measured>> = {};
    const add = async (kind: Kind, act: () => Promise<void>) => {
      uses[kind] = await measure(lab, act);
      report(`${kind}: ${uses[kind].r2} operations of R2, ${uses[kind].seconds} s`);
    };
    await add("cold", () => build("team/copy", "copy"));
    await edit("copy");
    await add("rebuild", () => build("team/copy", "copy"));
    await add("unchanged", () => build("team/copy", "copy"));
    // One directory after another, as tar does.
    const entries = Object.entries(project(1_000_000, `FROM ${lab.host}/busybox\n${copies}`)).sort();
    const archive = contextOf(Object.fromEntries(entries));
    await add("archive", async () => {
      const answer = await lab.fetch("/v1/builds?t=team/archive", { method: "POST", body: archive });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.text();
    });
    const data = join(folder, "runner");
    runner = spawnRunner(lab.url, { data, token: RUNNER_TOKEN });
    await add("run", () => build("team/run", "run"));
    await edit("run");
    await add("runRebuild", () => build("team/run", "run"));
    await add("pull", () => pull(lab, "team/run"));
    await add("push", () => push(lab, "team/pushed", "1", [10_000, 1_000_000, 8_000_000]));
    const prune = async () => {
      const answer = await lab.fetch("/v1/prune", { method: "POST" });
      const { state } = (await answer.json()) as { state: string };
      if (state !== "done") throw new Error(`The prune is ${state}`);
    };
    const objects = { prune: (await storedBytes(lab)).objects, pruneMore: 0 };
    await prune();
    await add("prune", prune);
    for (let image = 0; image < MORE_IMAGES; image++)
      await push(lab, `team/more-${image % 5}`, String(image), [100, 1000]);
    objects.pruneMore = (await storedBytes(lab)).objects;
    await add("pruneNew", prune);
    await add("pruneMore", prune);
    const { subrequests } = await lab.observed();
    const largePrunes: { objects: number; operations: number }[] = [];
    for (const blobs of LARGE_STORES) {
      const { objects, operations } = (await pruneLargeStore(blobs)).unchanged;
      largePrunes.push({ objects, operations });
      report(`prune of ${objects} objects: ${operations} operations`);
    }
    return { ...(uses as Record<Kind, Measured>), objects, largePrunes, subrequests };
  } finally {
    if (runner !== undefined) {
      runner.kill("SIGTERM");
      await once(runner, "exit");
    }
  }
}

/** Gets a token, then the manifest by its tag and all blobs. */
async function pull(lab: Lab, name: string): Promise<void> {
  const basic = `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}`;
  const query = new URLSearchParams({ service: lab.host, scope: `repository:${name}:pull` });
  const asked = await lab.fetch(`/v2/token?${query}`, { headers: { authorization: basic } });
  const authorization = `Bearer ${((await asked.json()) as { token: string }).token}`;
  const headers = { accept: MANIFEST, authorization };
  await (await lab.fetch(`/v2/${name}/manifests/latest`, { method: "HEAD", headers })).text();
  const manifest = await lab.fetch(`/v2/${name}/manifests/latest`, { headers });
  const { config, layers } = (await manifest.json()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  for (const { digest } of [config, ...layers]) {
    const blob = await lab.fetch(`/v2/${name}/blobs/${digest}`, { headers });
    if (!blob.ok) throw new Error(`${digest}: ${blob.status}`);
    await blob.arrayBuffer();
  }
}

/** Pushes random layers of these sizes as skopeo does: HEAD, POST, PATCH and PUT of each blob. */
async function push(lab: Lab, name: string, tag: string, sizes: readonly number[]): Promise<void> {
  const ask = async (path: string, init: RequestInit, status: number) => {
    const answer = await lab.fetch(path, init);
    if (answer.status !== status) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
    return answer;
  };
  const layers = sizes.map((size) => randomBytes(size));
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map(sha256) },
    }),
  );
  for (const blob of [...layers, config]) {
    const digest = sha256(blob);
    await ask(`/v2/${name}/blobs/${digest}`, { method: "HEAD" }, 404);
    const begun = await ask(`/v2/${name}/blobs/uploads/`, { method: "POST" }, 202);
    const sent = await ask(begun.headers.get("location") as string, { method: "PATCH", body: blob }, 202);
    const location = sent.headers.get("location") as string;
    await ask(`${location}${location.includes("?") ? "&" : "?"}digest=${digest}`, { method: "PUT" }, 201);
  }
  const describe = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe("application/vnd.oci.image.config.v1+json", config),
    layers: layers.map((layer) => describe("application/vnd.oci.image.layer.v1.tar", layer)),
  });
  await ask(
    `/v2/${name}/manifests/${tag}`,
    { method: "PUT", body: manifest, headers: { "content-type": MANIFEST } },
    201,
  );
}
