import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { startLocalServer } from "../../src/serve/local-server.ts";
import { findBusybox } from "../differential/bases/busybox.ts";
import { busyboxContext } from "../helpers/busybox-context.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { ServeProcess } from "../serve/serve-process.ts";
import { unable } from "./workbench.ts";

const folder = suiteFolder();
const program = join(import.meta.dirname, "../../src/cli/varve.ts");
const { binary } = findBusybox();
const closing: (() => Promise<unknown>)[] = [];

/** A server with its runner, in another process. */
function serve(data: string, settings: Record<string, string> = {}): ServeProcess {
  const server = new ServeProcess({ VARVE_DATA: join(folder, data), ...settings });
  closing.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** Runs a command of varve and returns its output. */
function varve(...args: string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stderr: string }>;
} {
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache") };
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "pipe"], env });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stderr }));
  closing.push(async () => child.exitCode ?? child.kill("SIGKILL"));
  return { child, ended };
}

const dockerfileOf = (lines: string[]) => ["FROM scratch", "COPY busybox /bin/sh", ...lines].join("\n");

const begin = (url: string, ...lines: string[]) => beginAs(url, {}, ...lines);

async function beginAs(url: string, shown: Record<string, string>, ...lines: string[]): Promise<string> {
  const body = busyboxContext(lines);
  const headers = { prefer: "respond-async", ...shown };
  const answer = await fetch(`${url}/v1/builds?t=durable`, { method: "POST", body, headers });
  return ((await answer.json()) as { id: string }).id;
}

async function eventsOf(url: string, id: string, after = 0): Promise<BuildEvent[]> {
  const answer = await fetch(`${url}/v1/builds/${id}/events`, {
    headers: { "last-event-id": String(after) },
  });
  const lines = (await answer.text()).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as BuildEvent);
}

const logOf = (events: BuildEvent[]) =>
  events.flatMap((event) => (event.type === "step.log" ? event.text : [])).join("");

/** A unique command line. */
const newSleep = () => `sleep 3${Math.random().toString().slice(1, 8)}`;

async function isRunning(command: string): Promise<boolean> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.some((line) => line.replaceAll("\0", " ").trim() === command);
}

const begun = (command: string) => expect.poll(() => isRunning(command), { timeout: 20_000 }).toBe(true);

describe.skipIf(unable)("a build with steps", { timeout: 90_000 }, () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it("continues while its client is disconnected, and replays the events that the client missed", async () => {
    const url = await serve("away").ready();
    const sleep = newSleep();
    const id = await begin(url, `RUN echo ${randomUUID()}; ${sleep}; echo end`);
    const leaving = new AbortController();
    const first = await fetch(`${url}/v1/builds/${id}/events`, { signal: leaving.signal });
    await begun(sleep);
    leaving.abort();
    await first.text().catch(() => {});
    const all = await eventsOf(url, id);
    expect(all.at(-1)).toMatchObject({ type: "result" });
    expect(await eventsOf(url, id, 3)).toEqual(all.slice(3));
  });

  it("continues after the server was killed, and executes no step twice", async () => {
    const settings = { PORT: "0" };
    const killed = serve("killed", settings);
    const url = await killed.ready();
    const sleep = newSleep();
    const id = await begin(
      url,
      "RUN read x < /proc/sys/kernel/random/uuid; echo $x > /f",
      `RUN ${sleep}; read x < /f; echo $x`,
    );
    await begun(sleep);
    await killed.crash();
    expect(await isRunning(sleep)).toBe(false);
    const again = await serve("killed", settings).ready();
    const all = await eventsOf(again, id);
    // The log also has the events before the crash.
    const events = all.slice(all.findLastIndex(({ type }) => type === "plan"));
    const of = (kind: string) => events.filter(({ type }) => type === kind).length;
    expect([of("step.cached"), of("step.done"), of("result")]).toEqual([2, 1, 1]);
    expect(logOf(events)).toMatch(/^[0-9a-f-]{36}\n$/);
  });

  it("continues when a client returns that was killed with its runner", async () => {
    // No other runner may execute it.
    const url = await serve("back", { VARVE_RUNNER_TOKEN: "nobody-has-it", VARVE_RUNNER_WAIT: "60" }).ready();
    const context = await mkdtemp(join(folder, "context-"));
    const sleep = newSleep();
    await writeFile(join(context, "Dockerfile"), dockerfileOf([`RUN ${sleep}; echo end`]));
    await writeFile(join(context, "busybox"), binary, { mode: 0o755 });
    const args = ["build", "--progress=plain", "--runner=local", "--server", url, "-t", "back", context];
    const first = varve(...args);
    await begun(sleep);
    first.child.kill("SIGKILL");
    await first.ended;
    await expect.poll(() => isRunning(sleep)).toBe(false);
    const { code, stderr } = await varve(...args).ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining(" end\n")]);
    const { builds } = (await (await fetch(`${url}/v1/builds?image=back`)).json()) as { builds: unknown[] };
    expect(builds).toHaveLength(1);
  });

  it("finishes before its runner stops", async () => {
    // A server without a runner.
    const assets = await mkdtemp(join(folder, "assets-"));
    const { url, close } = await startLocalServer({ port: 0, data: join(folder, "stop"), assets });
    closing.push(close);
    const sleep = newSleep();
    const runner = varve("runner", "--server", url, "--data", join(folder, "stopping"));
    const id = await begin(url, `RUN ${sleep}; echo end`);
    await begun(sleep);
    runner.child.kill("SIGTERM");
    const events = await eventsOf(url, id);
    const finished = Date.now();
    const { code } = await runner.ended;
    expect(code).toBe(0);
    expect(Date.now() - finished).toBeLessThan(15_000);
    expect(events.at(-1)).toMatchObject({ type: "result" });
  });

  it("is stopped when the runner's token is revoked, and the runner reports why", async () => {
    const admin = "secret-of-the-admin";
    const { url, close } = await startLocalServer({
      port: 0,
      data: join(folder, "revoked"),
      assets: await mkdtemp(join(folder, "assets-")),
      variables: { VARVE_ADMIN_TOKEN: admin },
    });
    closing.push(close);
    const headers = { authorization: `Bearer ${admin}` };
    const order = (method: string, path: string, body?: string) =>
      fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const made = await order("POST", "/v1/tokens", JSON.stringify({ name: "", scopes: ["run:**"] }));
    const { id, token } = (await made.json()) as { id: string; token: string };
    const data = join(folder, "sent-away");
    const runner = varve("runner", "--server", url, "--token", token, "--data", data);
    const sleep = newSleep();
    const build = await beginAs(url, headers, `RUN ${sleep}`);
    await begun(sleep);
    await order("DELETE", `/v1/tokens/${id}`);
    expect(await runner.ended).toEqual({
      code: 3,
      stderr: expect.stringMatching(
        /Lost the connection to .*: the token is revoked.*Cannot connect the runner: its token does not/s,
      ),
    });
    expect(await isRunning(sleep)).toBe(false);
    await order("DELETE", `/v1/builds/${build}`);
  });

  it("that two clients request is executed once", async () => {
    const url = await serve("twice").ready();
    const line = `RUN read x < /proc/sys/kernel/random/uuid; echo $x; sleep 1; echo $x > /f`;
    const [one, two] = await Promise.all([begin(url, line), begin(url, line)]);
    expect(one).toBe(two);
    const logs = await Promise.all([one, two].map(async (id) => logOf(await eventsOf(url, id))));
    expect(logs[0]).toBe(logs[1]);
    expect(logs[0]).toMatch(/^[0-9a-f-]{36}\n$/);
  });

  it("fails at once when no connected runner can execute a step, with a hint", async () => {
    const url = await serve("waits").ready();
    const body = contextOf({ Dockerfile: "FROM --platform=linux/s390x scratch\nRUN x\n" });
    const began = Date.now();
    const answer = await fetch(`${url}/v1/builds?platform=linux/s390x`, {
      method: "POST",
      body,
      headers: { accept: "application/x-ndjson" },
    });
    const text = await answer.text();
    expect(text).toContain("Cannot execute RUN for linux/s390x: the connected runners cannot");
    expect(text).toContain("Start a runner on a machine with s390x");
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});
