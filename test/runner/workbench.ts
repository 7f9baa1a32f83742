import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job, JobFailure, RunTask, StoredLayer } from "../../schemas/runner.ts";
import { type Runner, type RunnerOptions, startRunner } from "../../src/runner/runner.ts";
import { findAbility, UnableError } from "../../src/runner/sandbox/ability.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import type { Entry } from "../../src/tar/entry.ts";
import { readTar } from "../../src/tar/read.ts";
import { encodeMember, endOfArchive, padding } from "../../src/tar/write.ts";
import { RunnerServer } from "../helpers/runner-server.ts";
import { spawnRunner } from "../helpers/spawn-runner.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import type { OrdinaryUser } from "./ordinary-user.ts";

/** A member of a layer; missing fields have defaults. */
export type Item = Partial<Omit<Entry, "size">> & { path: string; content?: string | Uint8Array };

/** Settings of a job that differ from the defaults. */
type JobChange = Partial<RunTask> & Partial<Pick<Job, "id" | "token" | "platform" | "timeoutSeconds">>;

/** The result of a RUN. */
export interface Result {
  /** The entries of its layer by path. */
  diff: Map<string, Entry & { content: string }>;
  failure: JobFailure | undefined;
  log: string;
}

/** Containers start slowly on a busy machine. */
export const patient = { timeout: 30_000 };

/** Why steps cannot run here; undefined where they can. In CI this is an error, so that nothing is skipped there. */
export const unable = await findAbility(tmpdir()).then(
  () => undefined,
  (error: unknown) => {
    if (error instanceof UnableError && process.env.CI !== "true") return error.message;
    throw error;
  },
);

/** An uncompressed layer. */
export function archive(items: readonly Item[]): Buffer {
  const parts = items.flatMap(({ content = "", ...given }) => {
    const bytes = Buffer.from(content as string);
    const entry: Entry = {
      type: "file",
      mode: given.type === "dir" ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 1_600_000_000,
      size: bytes.length,
      ...given,
    };
    return [encodeMember(entry), bytes, padding(bytes.length)];
  });
  return Buffer.concat([...parts, endOfArchive]);
}

/** A file system with a shell and common programs. */
export function busyboxItems(): Item[] {
  const busybox = readFileSync("/usr/bin/busybox");
  const links =
    "cat chmod chown echo env grep head hostname id kill ln ls mkdir mkfifo mknod mount mv pwd rm rmdir sh sleep stat sync touch true umount wget";
  return [
    { path: "bin", type: "dir" },
    { path: "bin/busybox", mode: 0o755, content: busybox },
    ...links.split(" ").map((name): Item => ({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
    { path: "etc", type: "dir" },
    {
      path: "etc/passwd",
      content: "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:100:Alice:/home/alice:/bin/sh\n",
    },
    { path: "etc/group", content: "root:x:0:\nusers:x:100:\nwheel:x:10:alice,root\ntape:x:26:alice\n" },
    { path: "etc/hosts" },
    { path: "etc/resolv.conf" },
    ...["root", "proc", "sys", "dev", "tmp"].map((path): Item => ({ path, type: "dir" })),
  ];
}

const WITH_STDERR: StdioOptions = ["ignore", "ignore", "pipe"];

/** A server, and a runner that executes its jobs. */
export class Workbench {
  readonly server: RunnerServer;
  readonly data: string;
  readonly base: StoredLayer;
  /** Standard error of a runner in another process. */
  stderr = "";
  /** Process id of a runner in another process. */
  pid = 0;
  runner: Pick<Runner, "close">;

  private constructor(server: RunnerServer, data: string, runner: Pick<Runner, "close">) {
    this.server = server;
    this.data = data;
    this.runner = runner;
    this.base = server.addLayer(archive(busyboxItems()));
  }

  static async start(options: Partial<RunnerOptions> = {}): Promise<Workbench> {
    const server = await RunnerServer.start();
    const data = options.data ?? temporaryFolder().path;
    const runner = await startRunner({
      server: server.url,
      token: "secret",
      capacity: 4,
      print: () => {},
      ...options,
      data,
    });
    return new Workbench(server, data, runner);
  }

  /** Starts the runner in another process, with `prefix`. */
  static async startApart(prefix: readonly string[]): Promise<Workbench> {
    const data = temporaryFolder().path;
    return Workbench.#startProgram(data, (server) =>
      spawnRunner(server, { data, token: "secret", prefix, stdio: WITH_STDERR }),
    );
  }

  /** Starts the runner as a user other than root. */
  static startAs(user: OrdinaryUser, options: Partial<RunnerOptions> = {}): Promise<Workbench> {
    const data = join(user.folder, "runner");
    return Workbench.#startProgram(data, (server) => {
      const all = { server, token: "secret", capacity: 4, data, ...options };
      const [command = "", ...args] = [...user.command, "test/runner/start-runner.ts", JSON.stringify(all)];
      return spawn(command, args, { stdio: WITH_STDERR });
    });
  }

  static async #startProgram(data: string, start: (server: string) => ChildProcess): Promise<Workbench> {
    const server = await RunnerServer.start();
    const child = start(server.url);
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const exited = once(child, "exit");
    await Promise.race([
      server.connected(),
      exited.then(([code]) => Promise.reject(new Error(`the runner exited with ${code}: ${stderr}`))),
    ]);
    const close = async () => {
      child.kill("SIGTERM");
      const [code] = await exited;
      if (code !== 0) throw new Error(`the runner exited with ${code}: ${stderr}`);
      bench.stderr = stderr;
    };
    const bench = new Workbench(server, data, { close });
    bench.pid = child.pid ?? 0;
    return bench;
  }

  async close(): Promise<void> {
    await this.runner.close(true);
    await this.server.close();
    await rm(this.data, { recursive: true, force: true });
  }

  layer(...items: Item[]): StoredLayer {
    return this.server.addLayer(archive(items));
  }

  job(command: string, { id, token, platform, timeoutSeconds, ...change }: JobChange = {}): Job {
    return {
      id: id ?? randomUUID(),
      token: token ?? randomUUID(),
      build: "build",
      platform: platform ?? `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
      timeoutSeconds: timeoutSeconds ?? 30,
      task: {
        kind: "run",
        layers: [this.base],
        args: ["/bin/sh", "-c", command],
        env: [["PATH", "/bin"]],
        workdir: "/",
        user: "",
        mounts: [],
        network: "default",
        ...change,
      },
    };
  }

  async run(command: string, change: JobChange = {}): Promise<Result> {
    const { layer, failure, log } = await this.server.run(this.job(command, change));
    return { diff: await entriesOf(layer), failure, log };
  }

  /** As `run`, for steps that must not fail. */
  async succeed(command: string, change: JobChange = {}): Promise<Result> {
    const result = await this.run(command, change);
    if (result.failure !== undefined) {
      throw new Error(`${command}: ${result.failure.message}\n${result.log}`);
    }
    return result;
  }

  /** Leftovers of jobs: folders, mounts, processes and control groups. A result is sent before they are removed. */
  async leftovers(): Promise<string[]> {
    let left = await this.#leftovers();
    for (let tries = 0; left.length > 0 && tries < 40; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      left = await this.#leftovers();
    }
    return left;
  }

  async #leftovers(): Promise<string[]> {
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    const parent = `varve-${createHash("sha256").update(this.data).digest("hex").slice(0, 12)}`;
    const groups = await Promise.all(
      ["", "memory", "devices", "pids"].map((hierarchy) =>
        readdir(join("/sys/fs/cgroup", hierarchy, parent), { withFileTypes: true }).catch(() => []),
      ),
    );
    return [
      ...(await readdir(join(this.data, "jobs"))),
      ...mounts.filter((line) => line.includes(this.data)),
      ...groups.flatMap((entries) => entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)),
      ...(await processesIn(this.data)),
    ];
  }
}

/** Command lines that contain the path of a folder. */
export async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (line.includes(`${folder}/jobs`)) found.push(line);
    } catch {
      // The process has ended.
    }
  }
  return found;
}

async function entriesOf(diff: Buffer | undefined): Promise<Result["diff"]> {
  const entries: Result["diff"] = new Map();
  if (diff === undefined) return entries;
  for await (const { entry, body } of readTar(singleChunk(diff as Uint8Array))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    if (entry.path !== "") entries.set(entry.path, { ...entry, content: Buffer.concat(chunks).toString() });
  }
  return entries;
}
