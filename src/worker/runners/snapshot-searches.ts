import type { FromRunner } from "../../../schemas/runner-messages.ts";
import type { FoundSnapshot } from "../../engine/run/runners.ts";
import { inTime } from "../../streams/pause.ts";
import type { RunnerConnection } from "./runner-connection.ts";
import { isConfined } from "./runner-trust.ts";

/** Result of a search: the snapshots, or that the client's runner is still expected. */
export type FoundSnapshots = { found: [name: string, snapshot: FoundSnapshot][] } | { isAwaited: true };

type Snapshots = Extract<FromRunner, { type: "found" }>["snapshots"];

/** Timeout of a runner's response, in milliseconds. Short, because every build with RUN steps searches. */
const ANSWER_MS = 2_000;

/** Finds snapshots of earlier builds on runners. */
export class SnapshotSearches {
  readonly #waiting = new Map<string, (runner: RunnerConnection, snapshots: Snapshots) => void>();
  #wake = Promise.withResolvers<void>();

  /** The snapshots that runners hold under names. A runner that does not respond in time has none. */
  async find(
    names: readonly string[],
    runners: readonly RunnerConnection[],
  ): Promise<[name: string, snapshot: FoundSnapshot][]> {
    const request = crypto.randomUUID();
    const found = new Map<string, FoundSnapshot>();
    const missing = new Set<string>();
    for (const runner of runners) {
      if (runner.send({ type: "find", request, names: [...names] })) missing.add(runner.id);
    }
    if (missing.size === 0) return [];
    const answered = Promise.withResolvers<void>();
    this.#waiting.set(request, ({ id, instance, service, isTransient }, snapshots) => {
      for (const [name, snapshot] of Object.entries(snapshots)) {
        const known = found.get(name);
        const isOpen = !isConfined(service);
        if (known !== undefined && (!known.isConfined || !isOpen)) continue;
        found.set(name, { ...snapshot, runner: instance, isConfined: !isOpen, isTransient });
      }
      missing.delete(id);
      if (missing.size === 0) answered.resolve();
    });
    await inTime(answered.promise, ANSWER_MS, () => {});
    this.#waiting.delete(request);
    return [...found];
  }

  /** Handles the response of a runner to a search. */
  receive(runner: RunnerConnection, request: string, snapshots: Snapshots): void {
    this.#waiting.get(request)?.(runner, snapshots);
  }

  /** Wakes callers of `runnerConnected`. Call it when a runner has connected. */
  wake(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** Resolves when a runner connects, or after some milliseconds. */
  async runnerConnected(milliseconds: number): Promise<void> {
    await inTime(this.#wake.promise, milliseconds, () => {});
  }
}
