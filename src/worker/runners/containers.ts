import type { Env } from "../environment.ts";
import type { JobRow } from "../jobs/job-table.ts";
import { objectByName } from "../placement.ts";
import { idIn, type Pool, poolOfId } from "./pools.ts";
import { mayHave } from "./runner-trust.ts";

/** The platform of Cloudflare Containers, and the number of steps per container. */
const platform = "linux/amd64";
const STEPS_PER_CONTAINER = 4;
/** Default of VARVE_CONTAINERS, the maximum number of containers of a pool. */
const DEFAULT_CONTAINERS = 4;
/** Time for a container to connect, in milliseconds. It is not woken again before. */
const STARTING_MS = 30_000;

/** Starts runners in containers when steps wait for a runner. */
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
   * Starts containers for waiting jobs.
   * @param running number of running jobs, which containers may be executing
   */
  async serve(waiting: readonly JobRow[], running: number): Promise<void> {
    const { RUNNER_CONTAINERS: namespace, VARVE_CONTAINERS } = this.#env;
    if (namespace === undefined) return;
    const suitable = waiting.filter((job) => this.canServe(job));
    const [first] = suitable;
    if (first === undefined) return;
    const limit = Number(VARVE_CONTAINERS ?? DEFAULT_CONTAINERS);
    const wanted = Math.min(limit, Math.ceil((suitable.length + running) / STEPS_PER_CONTAINER));
    const pool = poolOfId(first.id, this.#env);
    if (pool === undefined) return;
    for (let number = 0; number < wanted; number++) await this.#wake(pool, number, first.server);
  }

  async #wake(pool: Pool, number: number, server: string): Promise<void> {
    const name = idIn(pool, `runner-${number}`);
    if (Date.now() - (this.#woken.get(name) ?? 0) < STARTING_MS) return;
    this.#woken.set(name, Date.now());
    try {
      const { RUNNER_CONTAINERS: namespace } = this.#env;
      if (namespace === undefined) return;
      await objectByName(namespace, name, this.#env, pool.location).wake(server, pool.name);
    } catch (error) {
      console.error(`Cannot start the container ${name}: ${(error as Error).message}`);
    }
  }
}
