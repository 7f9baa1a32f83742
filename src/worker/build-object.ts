import { DurableObject } from "cloudflare:workers";
import type { BuildInputs, BuildRecord } from "../../schemas/build.ts";
import type { BuildEvent, BuildResult, EventBody } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { openBuild } from "../build/build.ts";
import { BuildError } from "../build/errors.ts";
import type { LayerRecord } from "../build/step-cache.ts";
import type { Env } from "./environment.ts";
import { problemOf, type Source } from "./problem.ts";
import { worldOf } from "./world.ts";

/** How long a running build may be without an instance that carries it out. */
const watchMilliseconds = 20_000;

/** The state of the build, kept in the object's storage. */
interface State {
  inputs: BuildInputs;
  /** Under which the server was asked. */
  host: string;
  record: BuildRecord;
}

/**
 * One build, named by its id: carries it out, keeps its event log, and lets clients leave and come back. After a
 * crash its alarm begins it again; the steps that were finished are found in the cache.
 */
export class Build extends DurableObject<Env> {
  #running: { cancel: AbortController; opened: Promise<void>; ended: Promise<void> } | undefined;
  #state: State | undefined;
  #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, event TEXT NOT NULL)");
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS steps (key TEXT PRIMARY KEY, record TEXT NOT NULL)");
    this.#state = ctx.storage.kv.get<State>("state");
  }

  /**
   * Begins the build, or joins it when it runs. Resolves when everything that can be known early is known: with the
   * problem if there is one.
   */
  async start(
    inputs: BuildInputs,
    id: string,
    host: string,
  ): Promise<{ record: BuildRecord; problem?: Problem }> {
    if (this.#running === undefined) {
      this.ctx.storage.sql.exec("DELETE FROM events");
      const record: BuildRecord = {
        id,
        state: "running",
        tags: inputs.options.tags,
        started: new Date().toISOString(),
      };
      this.#begin(this.#save({ inputs, host, record }));
    }
    await this.#running?.opened;
    const { record } = this.#known();
    return record.problem === undefined ? { record } : { record, problem: record.problem };
  }

  /** Undefined when there is no build of this id. */
  async record(): Promise<BuildRecord | undefined> {
    return this.#state?.record;
  }

  /** The event log so far. */
  async log(): Promise<BuildEvent[]> {
    return this.#eventsAfter(0);
  }

  /** The event log from after `seq`, as lines of JSON, until the build ends. */
  async follow(seq: number): Promise<ReadableStream<Uint8Array>> {
    const { readable, writable } = new IdentityTransformStream();
    this.ctx.waitUntil(this.#feed(writable.getWriter(), seq).catch(() => {}));
    return readable;
  }

  /** Stops the build. Resolves when it has stopped; nothing happens when it had ended. */
  async cancel(): Promise<BuildRecord | undefined> {
    this.#running?.cancel.abort(new BuildError("cancelled", "The build was cancelled"));
    await this.#running?.ended;
    return this.#state?.record;
  }

  override async alarm(): Promise<void> {
    if (this.#state?.record.state !== "running") return;
    if (this.#running === undefined) {
      this.ctx.storage.sql.exec("DELETE FROM events");
      this.#begin(this.#state);
    }
    await this.ctx.storage.setAlarm(Date.now() + watchMilliseconds);
  }

  #begin(state: State): void {
    const cancel = new AbortController();
    const opened = Promise.withResolvers<void>();
    const ended = this.#carryOut(state, cancel.signal, opened.resolve).finally(() => {
      this.#running = undefined;
      opened.resolve();
      this.#wake();
    });
    this.#running = { cancel, opened: opened.promise, ended };
    this.ctx.waitUntil(ended);
  }

  async #carryOut({ inputs, host }: State, signal: AbortSignal, opened: () => void): Promise<void> {
    const began = Date.now();
    const source: Source = { name: inputs.dockerfileName, text: inputs.dockerfile };
    const emit = (body: EventBody) => this.#append(Date.now() - began, body);
    try {
      await this.ctx.storage.setAlarm(began + watchMilliseconds);
      const build = await openBuild(inputs, worldOf(this.env, host), {
        recall: (keys) => this.#steps(keys),
        remember: (key, record) => this.#rememberStep(key, record),
      });
      opened();
      const result = await build.run(emit, signal);
      emit({ type: "result", ...result });
      this.#end({ state: "done", result });
    } catch (error) {
      const problem = problemOf(error, source);
      emit({ type: "error", problem });
      this.#end({ state: signal.aborted ? "cancelled" : "failed", problem });
    }
    await this.ctx.storage.deleteAlarm();
  }

  #end(outcome: { state: BuildRecord["state"]; result?: BuildResult; problem?: Problem }): void {
    const { record, ...rest } = this.#known();
    this.#save({ ...rest, record: { ...record, ...outcome, ended: new Date().toISOString() } });
    this.ctx.storage.sql.exec("DELETE FROM steps");
  }

  #known(): State {
    if (this.#state === undefined) throw new Error("The build was not started");
    return this.#state;
  }

  #save(state: State): State {
    this.#state = state;
    this.ctx.storage.kv.put("state", state);
    return state;
  }

  #append(time: number, body: EventBody): void {
    const [{ seq }] = this.ctx.storage.sql
      .exec<{ seq: number }>("SELECT COALESCE(MAX(seq), 0) + 1 AS seq FROM events")
      .toArray() as [{ seq: number }];
    this.ctx.storage.sql.exec(
      "INSERT INTO events (seq, event) VALUES (?, ?)",
      seq,
      JSON.stringify({ seq, time, ...body }),
    );
    this.#wake();
  }

  #eventsAfter(seq: number): BuildEvent[] {
    return this.ctx.storage.sql
      .exec<{ event: string }>("SELECT event FROM events WHERE seq > ? ORDER BY seq", seq)
      .toArray()
      .map(({ event }) => JSON.parse(event) as BuildEvent);
  }

  #steps(keys: readonly string[]): Map<string, LayerRecord> {
    const found = new Map<string, LayerRecord>();
    for (const key of keys) {
      const [row] = this.ctx.storage.sql
        .exec<{ record: string }>("SELECT record FROM steps WHERE key = ?", key)
        .toArray();
      if (row !== undefined) found.set(key, JSON.parse(row.record) as LayerRecord);
    }
    return found;
  }

  #rememberStep(key: string, record: LayerRecord): void {
    this.ctx.storage.sql.exec(
      "INSERT OR REPLACE INTO steps (key, record) VALUES (?, ?)",
      key,
      JSON.stringify(record),
    );
  }

  /** Writes events from after `seq` until the build ends or nobody reads any more. */
  async #feed(writer: WritableStreamDefaultWriter<Uint8Array>, seq: number): Promise<void> {
    const encoder = new TextEncoder();
    for (let last = seq; ; ) {
      const events = this.#eventsAfter(last);
      if (events.length > 0) {
        last = events.at(-1)?.seq ?? last;
        await writer.write(encoder.encode(events.map((event) => `${JSON.stringify(event)}\n`).join("")));
      } else if (this.#running === undefined) {
        await writer.close();
        return;
      } else {
        await new Promise<void>((wake) => this.#waiting.add(wake));
      }
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
