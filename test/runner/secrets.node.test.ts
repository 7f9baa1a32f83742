import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { Service } from "../../src/client/service.ts";
import { OwnRunner } from "../../src/machine/own-runner.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { busyboxContext } from "../helpers/busybox-context.ts";
import { filesWithSecret } from "../helpers/find-secret.ts";
import { spawnRunner } from "../helpers/spawn-runner.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { unable } from "./workbench.ts";

const folder = suiteFolder();
const [server_, pool_, own_] = ["server", "pool", "own"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
let server: LocalServer;
let pool: Runner | undefined;

/** Random, so that its base64 and hex forms occur nowhere else. */
const newSecret = () => `s3cr3t/${randomUUID()}+${randomUUID()}`;

/** Makes each step unique. */
const readsIt = (then: string) =>
  `RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=S --mount=type=cache,target=/c : ${randomUUID()}; read x < /run/secrets/s; [ "$x" = "$S" ] && ${then}`;

async function eventsOf(
  service: Service,
  lines: string[],
  seen = async (_: BuildEvent) => {},
): Promise<BuildEvent[]> {
  const running = await service.build({ context: busyboxContext(lines), options: { tags: ["secrets"] } });
  const all: BuildEvent[] = [];
  for await (const event of running.events) {
    all.push(event);
    await seen(event);
  }
  return all;
}

function sending(secret: string): Service {
  const service = new Service(server.url);
  service.companion = { secrets: { s: Buffer.from(secret) } };
  return service;
}

/** A runner in another process, started with `prefix`. */
function apart(...prefix: string[]): ChildProcess {
  return spawnRunner(server.url, { data: join(folder, `apart-${randomUUID()}`), prefix });
}

describe.skipIf(unable)("a secret", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const assets = join(folder, "assets");
    await mkdir(assets);
    server = await startLocalServer({ port: 0, data: server_, assets });
    pool = await startRunner({ server: server.url, token: "", data: pool_, capacity: 2, print: () => {} });
  });
  afterAll(async () => {
    await pool?.close(true);
    await server.close();
  });

  it("is found in a layer or a log when a step writes it there", async () => {
    const secret = newSecret();
    const last = (await eventsOf(sending(secret), [readsIt("echo $x > /f")])).at(-1);
    expect(last).toMatchObject({ type: "result" });
    expect(await filesWithSecret(secret, server_)).not.toEqual([]);
    const logged = newSecret();
    await eventsOf(sending(logged), [readsIt("echo $x")]);
    expect(await filesWithSecret(logged, server_)).not.toEqual([]);
  });

  it("sent to the server is stored nowhere, during the step and afterwards", async () => {
    const secret = newSecret();
    let found: string[] | undefined;
    const events = await eventsOf(
      sending(secret),
      [readsIt("echo runs; sleep 2; echo x > /c/x; echo 1 > /f")],
      async (event) => {
        if (event.type === "step.log" && event.text === "runs\n")
          found = await filesWithSecret(secret, folder);
      },
    );
    expect(events.at(-1)).toMatchObject({ type: "result" });
    expect(found).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(await filesWithSecret(secret, folder)).toEqual([]);
  });

  it("of a failing step is stored nowhere", async () => {
    const secret = newSecret();
    const events = await eventsOf(sending(secret), [readsIt("exit 3")]);
    expect(events.at(-1)).toMatchObject({ type: "error", problem: { code: "run-failed" } });
    expect(await filesWithSecret(secret, folder)).toEqual([]);
  });

  it("is not in the files of a killed runner", async () => {
    await pool?.close();
    pool = undefined;
    const runner = apart();
    const secret = newSecret();
    const cancel = new AbortController();
    await eventsOf(sending(secret), [readsIt("echo runs; sleep 30")], async (event) => {
      if (event.type !== "step.log") return;
      runner.kill("SIGKILL");
      await once(runner, "exit");
      cancel.abort();
      throw new Error("enough");
    }).catch((error: Error) => expect(error.message).toBe("enough"));
    expect(cancel.signal.aborted).toBe(true);
    expect(await filesWithSecret(secret, folder)).toEqual([]);
    const builds = (await (await fetch(`${server.url}/v1/builds`)).json()) as {
      builds: { id: string; state: string }[];
    };
    for (const { id, state } of builds.builds) {
      if (state === "running") await fetch(`${server.url}/v1/builds/${id}`, { method: "DELETE" });
    }
    expect(await filesWithSecret(secret, folder)).toEqual([]);
  });

  it("is not in a core dump of a crashed step", async () => {
    await pool?.close();
    pool = undefined;
    const runner = apart("prlimit", "--core=unlimited:unlimited");
    const secret = newSecret();
    const crash = "(ulimit -c unlimited; /bin/sh -c 'kill -SEGV $$'); echo crashed";
    const events = await eventsOf(sending(secret), [readsIt(crash)]);
    expect(events.at(-1)).toMatchObject({ type: "result" });
    expect(await filesWithSecret(secret, folder)).toEqual([]);
    runner.kill("SIGTERM");
    await once(runner, "exit");
  });

  it("of the client's own runner never reaches the server", async () => {
    const secret = newSecret();
    // Outside the searched folders.
    using elsewhere = temporaryFolder();
    const file = join(elsewhere.path, "secret");
    await writeFile(file, secret);
    const own = new OwnRunner({
      server: server.url,
      place: "local",
      secrets: [{ id: "s", file }],
      ssh: [],
      data: own_,
    });
    const service = new Service(server.url);
    service.companion = await own.companion();
    const running = own.attend(
      await service.build({ context: busyboxContext([readsIt("echo read")]), options: { tags: ["held"] } }),
    );
    const all: BuildEvent[] = [];
    for await (const event of running.events) all.push(event);
    expect(all.at(-1)).toMatchObject({ type: "result" });
    await server.close();
    expect(await filesWithSecret(secret, folder)).toEqual([]);
    server = await startLocalServer({ port: 0, data: server_, assets: join(folder, "assets") });
  });
});
