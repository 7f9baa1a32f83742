import { expect, test } from "vitest";
import type { LocalRunnerState } from "../../schemas/runner-list.ts";
import { Supervisor } from "../../src/serve/supervisor.ts";

/** A program that exits on request, and the number of its starts. */
class Programs {
  started = 0;
  closed = 0;
  /** Replaces the next starts. */
  failures: Error[] = [];
  end: (how: string) => void = () => {};
  readonly states: LocalRunnerState[] = [];
  readonly lines: string[] = [];
  readonly supervisor;

  constructor(pauses = { first: 10, max: 40, lasting: 10_000 }) {
    this.supervisor = new Supervisor({
      name: "The program",
      start: async () => {
        const failure = this.failures.shift();
        if (failure !== undefined) throw failure;
        this.started += 1;
        const { promise, resolve } = Promise.withResolvers<string>();
        this.end = resolve;
        return {
          ended: promise,
          close: async () => {
            this.closed += 1;
            resolve("as requested");
          },
        };
      },
      report: (state) => this.states.push(state),
      warn: (line) => this.lines.push(line),
      pauses,
    });
  }
}

test("a program that exits is restarted, with increasing pauses", async () => {
  const programs = new Programs();
  await programs.supervisor.start();
  for (let started = 1; started <= 4; started++) {
    await expect.poll(() => programs.started).toBe(started);
    programs.end("by SIGKILL");
  }
  await expect.poll(() => programs.started).toBe(5);
  expect(programs.lines).toEqual(
    [0.01, 0.02, 0.04, 0.04].map((pause) => `The program ended by SIGKILL. It starts again in ${pause} s.`),
  );
  expect(programs.states.map(({ state, restarts }) => [state, restarts])).toEqual(
    [0, 1, 2, 3]
      .flatMap((count) => [
        ["running", count],
        ["restarting", count],
      ])
      .concat([["running", 4]]),
  );
  expect(programs.states[1]).toMatchObject({ detail: "The program ended by SIGKILL" });
  expect(programs.states[2]).not.toHaveProperty("detail");
  await programs.supervisor.close();
});

test("after a long run, the first pause is short again", async () => {
  const programs = new Programs({ first: 10, max: 40, lasting: 100 });
  await programs.supervisor.start();
  programs.end("by SIGKILL");
  await expect.poll(() => programs.started).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 120));
  programs.end("by SIGKILL");
  await expect.poll(() => programs.started).toBe(3);
  expect(programs.lines.map((line) => line.split("again")[1])).toEqual([" in 0.01 s.", " in 0.01 s."]);
  await programs.supervisor.close();
});

test("a failed restart is retried", async () => {
  const programs = new Programs();
  await programs.supervisor.start();
  programs.failures = [new Error("no room."), new Error("still none")];
  programs.end("with exit code 1");
  await expect.poll(() => programs.started).toBe(2);
  expect(programs.lines).toEqual([
    "The program ended with exit code 1. It starts again in 0.01 s.",
    "The program did not start: no room. It starts again in 0.02 s.",
    "The program did not start: still none. It starts again in 0.04 s.",
  ]);
  await programs.supervisor.close();
});

test("a program that cannot start is not supervised", async () => {
  const programs = new Programs();
  programs.failures = [new Error("never")];
  await expect(programs.supervisor.start()).rejects.toThrow("never");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([programs.started, programs.states, programs.lines]).toEqual([0, [], []]);
});

test("a closed supervisor does not restart, and prints nothing", async () => {
  const programs = new Programs();
  await programs.supervisor.start();
  await programs.supervisor.close();
  const waiting = new Programs();
  await waiting.supervisor.start();
  waiting.end("by SIGKILL");
  await expect.poll(() => waiting.states.at(-1)?.state).toBe("restarting");
  await waiting.supervisor.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([programs.started, programs.closed, programs.lines]).toEqual([1, 1, []]);
  expect([waiting.started, waiting.closed, waiting.lines.length]).toEqual([1, 0, 1]);
});
