import type { BuildList, BuildRecord, Explanation, Insights, RunList } from "../../schemas/build.ts";
import type { BuildEvent } from "../../schemas/events.ts";
import type { Service } from "./service.ts";
import { ServiceError } from "./service-error.ts";

/** Filter for listed runs. */
interface BuildFilter {
  image?: string | undefined;
  state?: string | undefined;
}

/** Runs of one answer; the server lists no more at a time. */
const PAGE = 50;
/** Answers that are read to find a build by the beginning of its id. */
const MAX_PAGES = 10;

/** The builds of a server and their runs. Errors: those of `Service`. */
export class Builds {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Runs of builds, newest first, at most `n`. */
  async list(n: number, filter: BuildFilter = {}): Promise<BuildRecord[]> {
    const runs: BuildRecord[] = [];
    for await (const page of this.#pages(filter, Math.min(n, PAGE))) {
      runs.push(...page);
      if (runs.length >= n) break;
    }
    return runs.slice(0, n);
  }

  /**
   * The id of a build.
   * @param text an id, the beginning of one of the last builds, or nothing for the last build
   */
  async find(text: string | undefined): Promise<string> {
    if (text !== undefined && /^[0-9a-f]{64}$/.test(text)) return text;
    const found = new Set<string>();
    let pages = 0;
    for await (const page of this.#pages({}, PAGE)) {
      for (const { id } of page) if (text === undefined || id.startsWith(text)) found.add(id);
      if (found.size > 0 || ++pages === MAX_PAGES) break;
    }
    const [id, other] = found;
    if (id !== undefined && (other === undefined || text === undefined)) return id;
    throw new ServiceError({
      type: "about:blank",
      status: 404,
      code: "build-unknown",
      title: id === undefined ? "No such build" : "Several builds",
      detail:
        id === undefined
          ? `Cannot find ${text === undefined ? "any build" : `a build whose id begins with ${JSON.stringify(text)}`}`
          : `Cannot choose between ${found.size} builds whose ids begin with ${JSON.stringify(text)}`,
      hint: "varve builds list --no-trunc prints the ids of builds.",
    });
  }

  runs(id: string): Promise<RunList> {
    return this.#service.ask(`/v1/builds/${id}/runs`);
  }

  record(id: string, run?: number): Promise<BuildRecord> {
    return this.#service.ask(`/v1/builds/${id}${queryOf(run)}`);
  }

  explain(id: string, run?: number): Promise<Explanation> {
    return this.#service.ask(`/v1/builds/${id}/explain${queryOf(run)}`);
  }

  /** The events of a run, until it ends. */
  async events(id: string, run?: number): Promise<AsyncIterable<BuildEvent>> {
    return (await this.#service.follow(id, run)).events;
  }

  insights(image: string, n: number): Promise<Insights> {
    return this.#service.ask(`/v1/insights?${new URLSearchParams({ image, n: String(n) })}`);
  }

  async *#pages({ image, state }: BuildFilter, n: number): AsyncGenerator<BuildRecord[]> {
    for (let last: string | undefined; ; ) {
      const query = new URLSearchParams({ n: String(n) });
      for (const [name, value] of Object.entries({ image, state, last }))
        if (value !== undefined) query.set(name, value);
      const { builds, next } = await this.#service.ask<BuildList>(`/v1/builds?${query}`);
      yield builds;
      if (next === undefined) return;
      last = next;
    }
  }
}

function queryOf(run: number | undefined): string {
  return run === undefined ? "" : `?run=${run}`;
}
