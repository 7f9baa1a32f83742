import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { statfsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunnerServer } from "../helpers/runner-server.ts";
import { spawnRunner } from "../helpers/spawn-runner.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { archive, busyboxItems, patient, processesIn, unable, Workbench } from "./workbench.ts";

const never = "trap '' TERM; echo began; while true; do sleep 1; done";

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves when a job has printed the text. */
function written(server: RunnerServer, text: string): Promise<void> {
  return new Promise((resolve) => {
    let all = "";
    server.onLog = (_job, part) => {
      all += part;
      if (all.includes(text)) resolve();
    };
  });
}

describe.skipIf(unable)("a step that ends", patient, () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.start({ memory: 64 * 1024 * 1024 });
  });
  afterAll(() => bench.close());

  it("leaves nothing behind after success and failure", async () => {
    await Promise.all([bench.run("true"), bench.run("exit 1"), bench.run("sleep 100 & true")]);
    expect(await bench.leftovers()).toEqual([]);
  });

  it("is cancelled soon, even if it ignores SIGTERM", async () => {
    const job = bench.job(never);
    const began = written(bench.server, "began");
    const ended = bench.server.run(job);
    await began;
    const at = Date.now();
    bench.server.send({ type: "cancel", job: job.id });
    const { failure, result } = await ended;
    expect(failure).toEqual({ reason: "cancelled", message: "it was cancelled" });
    expect(result).toBeUndefined();
    expect(Date.now() - at).toBeLessThan(10_000);
    expect(await bench.leftovers()).toEqual([]);
  });

  it("receives SIGTERM when it is cancelled", async () => {
    const job = bench.job("trap 'echo signalled; exit 5' TERM; echo began; while true; do sleep 0.1; done");
    const began = written(bench.server, "began");
    const ended = bench.server.run(job);
    await began;
    bench.server.send({ type: "cancel", job: job.id });
    expect((await ended).log).toContain("signalled");
  });

  it("is stopped at its time limit", async () => {
    const { failure } = await bench.run(never, { timeoutSeconds: 1 });
    expect(failure).toEqual({ reason: "timeout", message: "it exceeded its time limit of 1 s" });
    expect(await bench.leftovers()).toEqual([]);
  });

  it("is reported as out of memory", async () => {
    const { failure } = await bench.run(
      "x=$(head -c 400000000 /dev/zero | /bin/busybox tr '\\0' x); echo $x > /f",
    );
    expect(failure).toMatchObject({ reason: "out-of-memory" });
    expect(await bench.leftovers()).toEqual([]);
  });

  it("is reported as out of disk", async () => {
    using data = temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", data.path]);
    try {
      const small = await Workbench.start({ data: data.path });
      try {
        // The server may have its databases on this disk, so what it receives must find space.
        const free: number[] = [];
        small.server.onLog = () => {
          const { bavail, bsize } = statfsSync(data.path);
          free.push(bavail * bsize);
        };
        const { failure, log } = await small.run("head -c 50000000 /dev/zero > /f");
        expect(failure).toMatchObject({ reason: "out-of-disk", exitCode: 1 });
        expect(log).toMatch(/head: /);
        expect(Math.min(...free)).toBeGreaterThan(1_000_000);
        const large = small.layer({ path: "f", content: new Uint8Array(20_000_000) });
        const fetched = await small.run("true", { layers: [small.base, large] });
        expect(fetched.failure?.reason).toBe("out-of-disk");
        expect((await small.run("true")).failure).toBeUndefined();
      } finally {
        await small.runner.close(true);
        await small.server.close();
      }
    } finally {
      execFileSync("umount", [data.path]);
    }
  });

  it("is reported as failed when the runner's disk is read-only, and works once it is writable again", async () => {
    using data = temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", data.path]);
    try {
      const lost = await Workbench.start({ data: data.path });
      try {
        await lost.succeed("true");
        execFileSync("mount", ["-o", "remount,ro", data.path]);
        const { failure } = await lost.run("true");
        expect(failure).toMatchObject({ reason: "internal" });
        expect(failure?.message).toMatch(/^the runner lost its disk: .*read-only file system/i);
        execFileSync("mount", ["-o", "remount,rw", data.path]);
        await lost.succeed("true");
        // Another process frees space.
        await rm(join(data.path, "layers/trusted"), { recursive: true });
        await lost.succeed("true");
      } finally {
        await lost.runner.close(true);
        await lost.server.close();
      }
    } finally {
      execFileSync("umount", [data.path]);
    }
  });

  it("is rejected when it is for another platform", async () => {
    const { failure } = await bench.run("true", { platform: "linux/mips64le" });
    expect(failure?.reason).toBe("refused");
  });

  it("uploads its layer again when the server fails for a moment", async () => {
    bench.server.failUploads = 2;
    expect((await bench.succeed("echo 1 > /f")).diff.get("f")?.content).toBe("1\n");
  });

  it("continues while the connection is lost, and its result is sent afterwards", async () => {
    const began = written(bench.server, "began");
    const ended = bench.run("echo began; sleep 0.5; echo end; echo 1 > /f");
    await began;
    bench.server.drop();
    const { log, diff, failure } = await ended;
    expect(failure).toBeUndefined();
    expect(log).toBe("began\nend\n");
    expect(diff.get("f")?.content).toBe("1\n");
    const hello = bench.server.messages.findLast(({ type }) => type === "hello");
    expect(hello).toMatchObject({ jobs: [expect.any(String)], capacity: 4 });
    expect(bench.server.protocols.replaceAll(" ", "")).toBe("varve.runner,token.secret");
  });
});

describe.skipIf(unable)("a runner that stops", patient, () => {
  it("finishes its jobs and disconnects", async () => {
    const bench = await Workbench.start();
    const began = written(bench.server, "began");
    const ended = bench.server.execute(bench.job("echo began; sleep 0.5; echo 1 > /f"));
    await began;
    await bench.runner.close();
    expect((await ended).result).toMatchObject({ kind: "run", snapshot: expect.any(String) });
    expect(bench.server.messages.map(({ type }) => type)).toEqual(["hello", "bye", "done"]);
    await bench.close();
  });

  it("keeps its folder locked until then", async () => {
    const bench = await Workbench.start();
    await expect(Workbench.start({ data: bench.data })).rejects.toThrow(/Another runner uses/);
    await bench.runner.close();
    const next = await Workbench.start({ data: bench.data });
    await next.close();
    await bench.server.close();
  });
});

describe.skipIf(unable)("a runner that is killed", patient, () => {
  it("leaves no processes and mounts, and the next one removes its files", async () => {
    using folder = temporaryFolder();
    const data = folder.path;
    const server = await RunnerServer.start();
    const child = spawnRunner(server.url, { data, token: "t" });
    await server.connected();
    const base = server.addLayer(archive(busyboxItems()));
    const began = written(server, "began");
    const platform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
    void server.run({
      id: "killed",
      token: "t",
      build: "build",
      platform,
      timeoutSeconds: 60,
      task: {
        kind: "run",
        layers: [base],
        args: ["/bin/sh", "-c", never],
        env: [],
        workdir: "/",
        user: "",
        mounts: [],
        network: "none",
      },
    });
    await began;
    expect(await processesIn(data)).not.toEqual([]);
    child.kill("SIGKILL");
    await once(child, "exit");
    for (let i = 0; i < 50 && (await processesIn(data)).length > 0; i++) await pause(50);
    expect(await processesIn(data)).toEqual([]);
    expect(await readdir(join(data, "jobs"))).toHaveLength(1);
    await mkdir(join(data, "layers/trusted/new-half/tree"), { recursive: true });

    const next = await Workbench.start({ data });
    expect(await next.leftovers()).toEqual([]);
    // The layer still exists and is complete.
    expect(await readdir(join(data, "layers/trusted"))).toHaveLength(1);
    expect((await next.run("true")).failure).toBeUndefined();
    await next.close();
    await server.close();
  });
});

describe.skipIf(unable)("unpacked layers", patient, () => {
  it("are fetched once, and removed above the limit, the longest unused first", async () => {
    const bench = await Workbench.start({ layerBytes: 5_000_000 });
    const [a, b] = [1, 2].map((n) => bench.layer({ path: `f${n}`, content: new Uint8Array(1_500_000) }));
    if (a === undefined || b === undefined) throw new Error("no layers");
    const names = async () => {
      const all = await readdir(join(bench.data, "layers/trusted"));
      return all.filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
    };
    await Promise.all([1, 2, 3].map(() => bench.succeed("true", { layers: [bench.base, a] })));
    expect(await names()).toBe(2);
    await bench.succeed("true", { layers: [bench.base, b] });
    for (let i = 0; i < 40 && (await names()) > 2; i++) await pause(25);
    expect(await names()).toBe(2);
    await writeFile(join(bench.data, "unrelated"), "");
    await bench.succeed("true", { layers: [bench.base, a, b] });
    await bench.close();
  });
});
