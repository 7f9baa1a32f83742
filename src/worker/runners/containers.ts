import type { Env } from "../environment.ts";
import type { JobRow } from "../jobs/job-table.ts";
import { mayHave } from "./runner-trust.ts";

/** What a container of Cloudflare can run, and how many steps at a time it is started for. */
const platform = "linux/amd64";
const stepsEach = 4;
/** Containers at a time, unless VARVE_CONTAINERS says otherwise. */
const defaultMost = 4;
/** A container that was started is not asked for again before it could have come. */
const startingMilliseconds = 30_000;

/** Starts runners in containers when steps wait that no runner is there for. */
export class Containers {
  readonly #env: Env;
  readonly #woken = new Map<string, number>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Whether a container can be started for a job. */
  canServe(job: JobRow): boolean {
    const isSuitable = job.holder === null && job.platform === platform && mayHave({ kind: "pool" }, job);
    return isSuitable && this.#env.RUNNER_CONTAINERS !== undefined;
  }

  /**
   * Sees to it that there are containers for these jobs, which wait and which no runner has room for.
   * @param running steps that containers could have now
   */
  async serve(waiting: readonly JobRow[], running: number): Promise<void> {
    const { RUNNER_CONTAINERS: namespace, VARVE_CONTAINERS } = this.#env;
    if (namespace === undefined) return;
    const mine = waiting.filter((job) => this.canServe(job));
    const [first] = mine;
    if (first === undefined) return;
    const most = Number(VARVE_CONTAINERS ?? defaultMost);
    const wanted = Math.min(most, Math.ceil((mine.length + running) / stepsEach));
    for (let number = 0; number < wanted; number++) await this.#wake(`runner-${number}`, first.server);
  }

  async #wake(name: string, server: string): Promise<void> {
    if (Date.now() - (this.#woken.get(name) ?? 0) < startingMilliseconds) return;
    this.#woken.set(name, Date.now());
    try {
      await this.#env.RUNNER_CONTAINERS?.getByName(name).wake(server);
    } catch (error) {
      console.error(`Cannot start the container ${name}: ${(error as Error).message}`);
    }
  }
}
