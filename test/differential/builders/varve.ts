import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../helpers/free-port.ts";
import { countRunners, spawnRunner, waitForRunners } from "../../helpers/spawn-runner.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { type Addresses, blank, blankImage, type Case, fill } from "../case.ts";
import { contextTar } from "../context.ts";
import { pullImage } from "../pull.ts";
import type { Failure, Outcome } from "../result.ts";

/** A varve that answers at `url`. */
interface Server extends AsyncDisposable {
  url: string;
  /** Peak memory of its workerd in bytes. */
  peakMemory(): Promise<number>;
}

/**
 * Starts a server on a free port with an empty state folder. Disposal stops it and deletes the folder.
 * @param hub URL of the registry that replaces Docker Hub
 * @throws {Error} when it is not ready within two minutes
 */
export async function startServer(hub?: string): Promise<Server> {
  const state = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn("npm", ["start", "--silent"], {
    cwd: join(import.meta.dirname, "../../.."),
    // A separate process group, so that npm and its children are stopped together.
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PORT: String(port),
      VARVE_DATA: state.path,
      ...(hub === undefined ? {} : { VARVE_MIRRORS: JSON.stringify({ "docker.io": hub }) }),
    },
  });
  const server: Server = {
    url,
    peakMemory: () => peakMemory(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.pid !== undefined) {
        process.kill(-child.pid, "SIGTERM");
        await once(child, "exit");
      }
      state[Symbol.dispose]();
    },
  };
  for (let tries = 0; tries < 1200; tries += 1) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return server;
    if (child.exitCode !== null) break;
    await delay(100);
  }
  await server[Symbol.asyncDispose]();
  throw new Error("Cannot start varve with npm start");
}

/** A runner for the server that allows steps these rights, until it is disposed. */
export async function startRunner(url: string, allow: readonly string[]): Promise<AsyncDisposable> {
  const data = temporaryFolder();
  const before = await countRunners(url);
  const child = spawnRunner(url, {
    data: data.path,
    flags: allow.flatMap((right) => ["--allow", right]),
  });
  const ended = once(child, "exit");
  // Without it, a step that needs its rights fails at once.
  await waitForRunners(url, before + 1);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
      data[Symbol.dispose]();
    },
  };
}

/** The peak resident memory of the workerd processes in a process group (Linux). */
async function peakMemory(group: number): Promise<number> {
  let peak = 0;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [, name, pgrp] = stat.match(/^\d+ \((.*)\) \S \d+ (\d+)/) ?? [];
    if (name !== "workerd" || Number(pgrp) !== group) continue;
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    peak = Math.max(peak, Number(status.match(/^VmHWM:\s+(\d+) kB/m)?.[1] ?? 0) * 1024);
  }
  return peak;
}

/** A problem as RFC 9457 and the service's contract have it. */
interface Problem {
  title?: string;
  detail?: string;
  errors?: { line?: number }[];
}

/** Builds a case over HTTP without the build cache and pulls the image back. */
export async function buildWithVarve(url: string, testCase: Case, addresses: Addresses): Promise<Outcome> {
  const filled = { ...testCase, dockerfile: fill(testCase.dockerfile, addresses) };
  const args = Object.entries(testCase.args ?? {}).map(([name, value]) => [name, fill(value, addresses)]);
  const query = new URLSearchParams();
  if (args.length > 0) query.set("buildargs", JSON.stringify(Object.fromEntries(args)));
  if (testCase.dockerfilePath !== undefined) query.set("dockerfile", testCase.dockerfilePath);
  if (testCase.labels !== undefined) query.set("labels", JSON.stringify(testCase.labels));
  if (testCase.allow !== undefined) query.set("allow", testCase.allow.join(","));
  const { network, hosts = [], ulimits, shmSize } = testCase.run ?? {};
  if (network !== undefined) query.set("networkmode", network);
  for (const host of hosts) query.append("extrahosts", host);
  if (ulimits !== undefined) {
    const limits = ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
    query.set("ulimits", JSON.stringify(limits));
  }
  if (shmSize !== undefined) query.set("shmsize", String(shmSize));
  if (testCase.target !== undefined) query.set("target", testCase.target);
  if (testCase.platform !== undefined) query.set("platform", testCase.platform);
  const context = new Blob([Buffer.from(contextTar(filled, addresses))], { type: "application/x-tar" });
  const body = testCase.secrets === undefined ? context : formOf(context, testCase.secrets);
  return buildBody(url, testCase.name, query, body, addresses);
}

/** Builds the body of a request as `cases/<name>:1` without the build cache, and pulls the image back. */
export async function buildBody(
  url: string,
  name: string,
  query: URLSearchParams,
  body: Blob | FormData,
  addresses: Addresses,
): Promise<Outcome> {
  query.set("t", `cases/${name}:1`);
  // The build cache keeps the times of the first result, which may be that of another case.
  query.set("nocache", "1");
  const answer = await fetch(`${url}/v1/builds?${query}`, { method: "POST", body });
  if (!answer.ok) return failure(answer.status, await answer.text(), addresses);
  const digest = answer.headers.get("docker-content-digest");
  await answer.body?.cancel();
  if (digest === null) throw new Error(`${name}: the answer has no Docker-Content-Digest`);
  const { image } = await pullImage(`${url}/v2/cases/${name}`, digest);
  return blankImage(image, addresses);
}

function formOf(context: Blob, secrets: Record<string, string>): FormData {
  const form = new FormData();
  form.set("context", context);
  for (const [id, value] of Object.entries(secrets)) form.set(`secret.${id}`, new Blob([value]));
  return form;
}

function failure(status: number, body: string, addresses: Addresses): Failure {
  const text = blank(body, addresses);
  if (status >= 500) return { error: `internal error, status ${status}` };
  const problem: Problem = JSON.parse(text);
  const line = problem.errors?.[0]?.line;
  return {
    error: [problem.title, problem.detail].filter(Boolean).join(": "),
    ...(line === undefined ? {} : { line }),
  };
}
