import type { FromRunner } from "../../../schemas/runner-messages.ts";
import type { JobInterests } from "../jobs/job-interests.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { BuildRunners } from "./build-runners.ts";
import type { PortExchanges } from "./port-exchanges.ts";
import type { RunnerConnection } from "./runner-connection.ts";
import type { SnapshotSearches } from "./snapshot-searches.ts";
import type { Terminals } from "./terminals.ts";

interface Parts {
  builds: BuildRunners;
  interests: JobInterests;
  queue: JobQueue;
  searches: SnapshotSearches;
  terminals: Terminals;
  ports: PortExchanges;
}

/** Handles the messages of runners. */
export class RunnerInbox {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Handles a message. @returns whether waiting jobs may have a runner now, or jobs have ended */
  receive(runner: RunnerConnection, said: FromRunner): boolean {
    const { interests, queue, searches, terminals, ports } = this.#parts;
    switch (said.type) {
      case "hello":
        runner.keep(said);
        this.#connected(runner);
        searches.wake();
        queue.resume(runner, said.jobs ?? []);
        interests.wakeAll();
        return true;
      case "bye":
        runner.keep(undefined, true);
        return true;
      case "done":
        queue.finish(runner, said.job, said.result);
        return true;
      case "failed":
        queue.fail(runner, said.job, said.failure);
        return true;
      case "found":
        searches.answer(runner, said.request, said.snapshots);
        return false;
      case "log":
        if (queue.has(runner, said.job)) interests.log(said.job, said);
        return false;
      case "started":
        terminals.send(runner, said.job, { type: "started" });
        return false;
      case "output": {
        const { job, type, text, mark } = said;
        terminals.send(runner, job, { type, text, ...(mark !== undefined && { mark }) });
        return false;
      }
      case "typed":
        terminals.typed(runner, said.job, said.characters);
        return false;
      case "exec":
        terminals.send(runner, said.job, said.message);
        return false;
      case "port":
        ports.receive(runner, said.job, said.message);
        return false;
    }
  }

  /** Records that the runner of a client has connected. */
  #connected({ service }: RunnerConnection): void {
    if (service.kind === "build") this.#parts.builds.setPresence(service.token, "here");
  }

  /** Records that a runner has disconnected, and that it may return to its jobs. */
  disconnected(runner: RunnerConnection): void {
    const { builds, queue } = this.#parts;
    if (runner.service.kind === "build") builds.setPresence(runner.service.token, "gone");
    queue.lose(runner);
  }
}
