import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { stepLimits } from "../../src/runner/sandbox/step-limits.ts";
import { type OrdinaryUser, ordinaryUser } from "./ordinary-user.ts";
import { patient, unable, Workbench } from "./workbench.ts";

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name));
const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe("stepLimits()", () => {
  it.each([
    ["a large machine", { memory: 256 * GIB, pids: 4_194_304 }, { memory: 0.95 * 256 * GIB, pids: 16_384 }],
    ["a laptop", { memory: 8 * GIB, pids: 32_768 }, { memory: 0.95 * 8 * GIB, pids: 16_384 }],
    ["a small machine", { memory: GIB, pids: 7000 }, { memory: GIB - 256 * MIB, pids: 3500 }],
    ["a tiny machine", { memory: 400 * MIB, pids: 3000 }, { memory: 200 * MIB, pids: 1500 }],
  ])("leave resources for the rest of %s", (_, machine, expected) => {
    const { memory = 0, pids } = stepLimits({}, machine);
    expect(Math.abs(memory - expected.memory)).toBeLessThan(2);
    expect(pids).toBe(expected.pids);
  });

  it("returns the operator's limits, and none for 0", () => {
    const machine = { memory: GIB, pids: 7000 };
    expect(stepLimits({ memory: 5 * MIB, pids: 9 }, machine)).toEqual({
      memory: 5 * MIB,
      swap: 5 * MIB,
      pids: 9,
    });
    expect(stepLimits({ memory: 0, pids: 0 }, machine)).toEqual({});
  });
});

/** The value of a file of a step's control group, under either version's name. */
function groupValue(data: string, names: readonly string[]): number {
  const parent = `varve-${createHash("sha256").update(data).digest("hex").slice(0, 12)}`;
  for (const hierarchy of ["", "memory", "pids"]) {
    const folder = join("/sys/fs/cgroup", hierarchy, parent);
    if (!existsSync(folder)) continue;
    for (const job of readdirSync(folder).filter((name) => name.startsWith("job-")))
      for (const name of names)
        if (existsSync(join(folder, job, name))) return Number(readFileSync(join(folder, job, name), "utf8"));
  }
  return Number.NaN;
}

/** Starts a hundred processes and reports when one could not be started. */
const MANY = "i=0; while [ $i -lt 100 ]; do sleep 2 & i=$((i+1)); done; wait";

describe.skipIf(unable).each(runtimes)("limits of a step, with %s", patient, (runtime) => {
  it("exist by default", async () => {
    const bench = await Workbench.start({ runtime, network: "none" });
    const began = Promise.withResolvers<void>();
    bench.server.onLog = () => began.resolve();
    const ended = bench.server.run(bench.job("echo began; sleep 1"));
    await began.promise;
    const memory = groupValue(bench.data, ["memory.max", "memory.limit_in_bytes"]);
    expect(memory).toBeGreaterThan(totalmem() / 2);
    expect(memory).toBeLessThan(totalmem());
    const pids = groupValue(bench.data, ["pids.max"]);
    expect(pids).toBe(stepLimits({}).pids);
    await ended;
    expect(await bench.leftovers()).toEqual([]);
    await bench.close();
  });

  it("stop a step that starts more processes, with the reason in the error", async () => {
    const bench = await Workbench.start({ runtime, network: "none", pids: 40 });
    expect((await bench.run("sleep 1 & sleep 1 & wait")).failure).toBeUndefined();
    const { failure, log } = await bench.run(MANY);
    expect(log).toMatch(/can't fork|Resource temporarily unavailable/);
    expect(failure).toMatchObject({ reason: "exit", exitCode: 2 });
    expect(failure?.hint).toBe(
      "The step reached the limit of 40 processes and threads that a step of this runner may have (--pids-limit).",
    );
    await bench.close();
  });

  it("stop a step that needs more memory, with the reason in the error", async () => {
    const bench = await Workbench.start({ runtime, network: "none", memory: 64 * MIB });
    const { failure } = await bench.run("dd if=/dev/zero of=/dev/null bs=200M count=1");
    expect(failure).toMatchObject({
      reason: "out-of-memory",
      hint: `A step of this runner may use ${64 * MIB} bytes of memory (--memory).`,
    });
    await bench.close();
  });

  it("include the ulimits of the build", async () => {
    const bench = await Workbench.start({ runtime, network: "none" });
    const { log } = await bench.succeed("cat /proc/self/limits", {
      ulimits: [
        { name: "core", soft: 0, hard: -1 },
        { name: "nofile", soft: 100, hard: 200 },
        { name: "rttime", soft: -1, hard: -1 },
      ],
    });
    expect(log).toMatch(/^Max core file size +0 +unlimited /m);
    expect(log).toMatch(/^Max open files +100 +200 /m);
    expect(log).toMatch(/^Max realtime timeout +unlimited +unlimited /m);
    await bench.close();
  });

  describe("for another user", () => {
    let user: OrdinaryUser;
    beforeAll(async () => {
      user = await ordinaryUser("varve-many", { ids: true });
    });
    afterAll(() => {
      execFileSync("rm", ["-rf", user.folder]);
    });

    it("stop a step that starts more processes", async () => {
      const bench = await Workbench.startAs(user, { runtime, network: "none", pids: 60 });
      expect((await bench.run("sleep 1 & sleep 1 & wait")).failure).toBeUndefined();
      const { failure, log } = await bench.run(MANY);
      expect(log).toMatch(/can't fork|Resource temporarily unavailable/);
      expect(failure).toMatchObject({ reason: "exit", exitCode: 2 });
      await bench.close();
    });
  });
});
