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

  /** Handles a message. @returns whether waiting jobs may now have a runner, or jobs have ended */
  receive(runner: RunnerConnection, message: FromRunner): boolean {
    const { interests, queue, searches, terminals, ports } = this.#parts;
    switch (message.type) {
      case "hello":
        runner.keep(message);
        this.#connected(runner);
        searches.wake();
        queue.resume(runner, message.jobs ?? []);
        interests.wakeAll();
        return true;
      case "bye":
        runner.keep(undefined, true);
        return true;
      case "done":
        queue.finish(runner, message.job, message.result);
        return true;
      case "failed":
        queue.fail(runner, message.job, message.failure);
        return true;
      case "found":
        searches.receive(runner, message.request, message.snapshots);
        return false;
      case "log":
        if (queue.has(runner, message.job)) interests.log(message.job, message);
        return false;
      case "started":
        terminals.send(runner, message.job, { type: "started" });
        return false;
      case "output": {
        const { job, type, text, mark } = message;
        terminals.send(runner, job, { type, text, ...(mark !== undefined && { mark }) });
        return false;
      }
      case "typed":
        terminals.typed(runner, message.job, message.characters);
        return false;
      case "exec":
        terminals.send(runner, message.job, message.message);
        return false;
      case "port":
        ports.receive(runner, message.job, message.message);
        return false;
    }
  }

  /** Records that the runner of a client has connected. */
  #connected({ service }: RunnerConnection): void {
    if (service.kind === "build") this.#parts.builds.setPresence(service.token, "here");
  }

  /** Records that a runner has disconnected. It may reconnect to its jobs. */
  disconnected(runner: RunnerConnection): void {
    const { builds, queue } = this.#parts;
    if (runner.service.kind === "build") builds.setPresence(runner.service.token, "gone");
    queue.lose(runner);
  }
}
