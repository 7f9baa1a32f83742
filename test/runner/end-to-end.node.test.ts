import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { decompress } from "../../src/compression/decompress.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { readTar } from "../../src/tar/read.ts";
import { busyboxRootfs } from "../helpers/busybox-context.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { archive, member } from "../tar/archive.ts";
import { unable } from "./workbench.ts";

const folder = suiteFolder();
const data = join(folder, "data");
let server: LocalServer;
let runner: Runner;

async function start(): Promise<void> {
  server = await startLocalServer({ port: 0, data, variables: { VARVE_RUNNER_WAIT: "1" } });
  runner = await startRunner({ server: server.url, token: "", data: join(folder, "runner"), capacity: 2 });
}

async function stop(): Promise<void> {
  // First, so that the runner does not disconnect during a build.
  await server.close();
  await runner.close(true);
}

/** The body of a request to build on busybox. */
function onBusybox(...lines: string[]): Uint8Array<ArrayBuffer> {
  const Dockerfile = ["FROM scratch", "ADD rootfs.tar /", ...lines].join("\n");
  return contextOf({ Dockerfile, "rootfs.tar": busyboxRootfs, "ctx/f": "from the context\n" });
}

function post(body: BodyInit, query = "", headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/v1/builds?t=e2e${query}`, { method: "POST", body, headers });
}

/** What `docker run` would show of the top layer: its files with their contents. */
async function topLayer(answer: Response): Promise<string> {
  if (!answer.ok) throw new Error(await answer.text());
  const { layers } = (await answer.json()) as { layers: { digest: string }[] };
  const blob = await fetch(`${server.url}/v2/e2e/blobs/${layers.at(-1)?.digest}`);
  const tar = Buffer.from(await blob.arrayBuffer());
  return execFileSync("tar", ["-xzO", "--wildcards", "f*"], { input: tar, encoding: "utf8" });
}

/** Path, time and text of each entry, by layer. */
async function timesOf(answer: Response): Promise<[path: string, { mtime: number; text: string }][][]> {
  if (!answer.ok) throw new Error(await answer.text());
  const { layers } = (await answer.json()) as { layers: { digest: string }[] };
  return Promise.all(
    layers.map(async ({ digest }) => {
      const blob = await fetch(`${server.url}/v2/e2e/blobs/${digest}`);
      const { body } = await decompress(chunks(blob.body as ReadableStream<Uint8Array>));
      const entries: [string, { mtime: number; text: string }][] = [];
      for await (const { entry, body: content } of readTar(body)) {
        const text = entry.size > 1000 ? "" : new TextDecoder().decode(await collect(content, 1000));
        entries.push([entry.path, { mtime: entry.mtime, text }]);
      }
      return entries;
    }),
  );
}

/** Every file below a folder. */
async function allFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe.skipIf(unable)("RUN, by a server and a runner on this machine", { timeout: 30_000 }, () => {
  beforeAll(start);
  afterAll(stop);

  test("writes files, and is then cached with the same image", async () => {
    const body = onBusybox("RUN echo hi > /f");
    const first = await post(body, "&timestamps=fixed");
    const digest = first.headers.get("docker-content-digest");
    expect(await topLayer(first)).toBe("hi\n");
    const again = await post(body, "&timestamps=fixed&nocache=1");
    expect(again.headers.get("docker-content-digest")).toBe(digest);
  });

  test("keeps the times that its process saw, in whole seconds", async () => {
    const since = Math.floor(Date.now() / 1000);
    const [, top = []] = await timesOf(
      await post(
        onBusybox("RUN mkdir /d && touch -d @1234567890 /d/old && touch /d/f && stat -c %Y /d/f >> /d/f"),
      ),
    );
    const times = new Map(top);
    const { mtime = 0, text } = times.get("d/f") ?? {};
    expect(text).toBe(`${mtime}\n`);
    expect(mtime).toBeGreaterThanOrEqual(since);
    expect(times.get("d")?.mtime).toBeGreaterThanOrEqual(since);
    expect(times.get("d/old")?.mtime).toBe(1_234_567_890);
  });

  test("follows a COPY whose unchanged files keep their times", async () => {
    const body = (mtime: number, text: string) =>
      archive(
        member(
          { path: "Dockerfile" },
          "FROM scratch\nADD rootfs.tar /\nCOPY ctx /ctx\nRUN stat -c %Y /ctx/* > /f\n",
        ),
        member({ path: "rootfs.tar" }, busyboxRootfs),
        member({ path: "ctx", type: "dir", mode: 0o755, mtime }),
        member({ path: "ctx/a", mtime }, "same"),
        member({ path: "ctx/b", mtime }, text),
      );
    expect(await topLayer(await post(body(1000, "1")))).toBe("1000\n1000\n");
    const second = await post(body(2000, "2"));
    const layers = await timesOf(second.clone());
    expect(await topLayer(second)).toBe("1000\n2000\n");
    expect(layers[1]?.map(([path, { mtime }]) => `${path}@${mtime}`)).toEqual([
      "ctx@1000",
      "ctx/a@1000",
      "ctx/b@2000",
    ]);
  });

  test("receives its mounts, arguments and environment", async () => {
    const lines = [
      "ARG A=arg",
      "ENV E=env",
      "WORKDIR /w",
      "RUN --mount=source=ctx,target=/ctx --mount=type=cache,target=/c --mount=type=tmpfs,target=/t \\",
      '  (cat /ctx/f; echo "$A $E $PWD"; touch /c/x /t/x; ls /c /t) > /f',
    ];
    expect(await topLayer(await post(onBusybox(...lines)))).toBe(
      "from the context\narg env /w\n/c:\nx\n\n/t:\nx\n",
    );
  });

  test("reports output immediately, and the failure", async () => {
    const answer = await post(onBusybox("RUN echo out; echo err >&2; exit 7"), "", {
      accept: "application/x-ndjson",
    });
    const events = (await answer.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as BuildEvent);
    const texts = events.flatMap((event) =>
      event.type === "step.log" ? [`${event.stream} ${event.text}`] : [],
    );
    expect(texts.sort()).toEqual(["stderr err\n", "stdout out\n"]);
    const last = events.at(-1);
    const problem = last?.type === "error" ? last.problem : undefined;
    expect(problem).toMatchObject({
      code: "run-failed",
      title:
        'process "/bin/sh -c echo out; echo err >&2; exit 7" did not complete successfully: exit code: 7',
    });
  });

  test("that is cancelled is stopped within 2 s", async () => {
    const answer = await post(onBusybox("RUN trap '' TERM; sleep 297.53 & wait"), "", {
      prefer: "respond-async",
    });
    const { id } = (await answer.json()) as { id: string };
    await expect.poll(() => processes("sleep 297.53")).toBeGreaterThan(0);
    await fetch(`${server.url}/v1/builds/${id}`, { method: "DELETE" });
    await expect.poll(() => processes("sleep 297.53"), { timeout: 10_000 }).toBe(0);
  });

  test("continues after the server was stopped, without finished steps", async () => {
    const answer = await post(onBusybox("RUN echo $RANDOM > /f1", "RUN sleep 1.53; cp /f1 /f2"), "", {
      prefer: "respond-async",
    });
    const { id } = (await answer.json()) as { id: string };
    await expect.poll(() => processes("sleep 1.53")).toBeGreaterThan(0);
    await stop();
    await start();
    const events = await (await fetch(`${server.url}/v1/builds/${id}/events`)).text();
    // The log also has the events before the stop.
    const after = events.slice(events.lastIndexOf('"type":"plan"'));
    const of = (type: string) => after.split("\n").filter((line) => line.includes(`"type":"${type}"`)).length;
    expect({ cached: of("step.cached"), done: of("step.done"), result: of("result") }).toEqual({
      cached: 2,
      done: 1,
      result: 1,
    });
  });

  test("for a platform that no connected runner has fails at once", async () => {
    const answer = await post(onBusybox("RUN true"), "&platform=linux/s390x");
    expect(answer.status).toBe(503);
    const problem = (await answer.json()) as Problem;
    expect(problem.code).toBe("runner-missing");
    expect(problem.title).toMatch(
      /^Cannot execute RUN for linux\/s390x: the connected runners cannot \(they have .*linux\/amd64.*\)$/,
    );
    expect(problem.hint).toMatch(/Start a runner on a machine with s390x: varve runner .* emulate it/);
  });

  test("receives a secret, which is stored nowhere", async () => {
    const secret = `secret-${crypto.randomUUID()}`;
    const form = new FormData();
    form.set("context", new Blob([onBusybox("RUN --mount=type=secret,id=s wc -c < /run/secrets/s > /f")]));
    form.set("secret.s", secret);
    expect(await topLayer(await post(form))).toBe(`${secret.length}\n`);
    await stop();
    const files = await allFiles(folder);
    expect(files.length).toBeGreaterThan(10);
    const needles = [secret, Buffer.from(secret).toString("base64")].map((text) => Buffer.from(text));
    for (const file of files) {
      const bytes = await readFile(file);
      for (const needle of needles) expect([file, bytes.includes(needle)]).toEqual([file, false]);
    }
    await start();
  });
});

/** How many processes of this machine have these words in their command line. */
async function processes(words: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.replaceAll("\0", " ").trim() === words).length;
}
