import { DurableObject } from "cloudflare:workers";
import type { BuildInputs, BuildRecord } from "../../schemas/build.ts";
import type { BuildEvent, BuildResult, EventBody } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import type { ClientRunner } from "../../schemas/runner.ts";
import { prepareBuild, runBuild } from "../engine/build.ts";
import { BuildError } from "../engine/errors.ts";
import { readImageNames, scopeOf } from "../engine/export.ts";
import type { World } from "../engine/world.ts";
import type { Held } from "../garbage/mark.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { repositoriesOfTags } from "./access/demand.ts";
import { BuildSecrets, type SecretValues } from "./build-secrets.ts";
import { BuildStorage, type State } from "./build-storage.ts";
import type { Env } from "./environment.ts";
import { eventProblemOf, ProblemError, problemOf, type Source } from "./problem.ts";
import { expectRunner, RemoteRunners, runnersOf } from "./remote-runners.ts";
import { worldOf } from "./world.ts";

/** How long a running build may be without an instance that carries it out. */
const watchMilliseconds = 20_000;
/** How often a build is begun before it is taken to be what ends its instance. */
const mostAttempts = 5;

/** How a build was begun or joined. */
export interface Started {
  record: BuildRecord;
  problem?: Problem;
  /** For the runner that the client offered. */
  runnerToken?: string;
}

/**
 * One build, named by its id: carries it out, keeps its event log, and lets clients leave and come back. An instance
 * that finds its build running, because the one before was ended by a crash or a deploy, begins it again; the steps
 * that were finished are remembered. An alarm sees to it that there is an instance.
 */
export class Build extends DurableObject<Env> {
  #storage: BuildStorage;
  #state: State | undefined;
  #secrets: SecretValues = {};
  #running: { cancel: AbortController; opened: Promise<void>; ended: Promise<void> } | undefined;
  #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new BuildStorage(ctx.storage);
    this.#state = this.#storage.state();
    if (this.#state?.record.state === "running") this.#begin(this.#state);
  }

  /**
   * Begins the build, or joins it when it runs. Resolves when everything that can be known early is known: with the
   * problem if there is one.
   */
  async start(
    inputs: BuildInputs,
    id: string,
    host: string,
    secrets: SecretValues = {},
    offer?: ClientRunner,
  ): Promise<Started> {
    if (this.#running === undefined) {
      this.#storage.keepInputs(inputs);
      this.#secrets = secrets;
      const { tags } = inputs.options;
      const record: BuildRecord = { id, state: "running", tags, started: new Date().toISOString() };
      this.#begin({
        host,
        record,
        attempts: 0,
        secrets: Object.keys(secrets),
        ...(offer && { held: { secrets: offer.secrets, ssh: offer.ssh } }),
        only: offer?.runner === "only",
      });
    } else if (offer?.runner !== "only") {
      this.#save({ ...this.#known(), only: false });
    }
    if (offer !== undefined) this.#save({ ...this.#known(), isOffered: true });
    const runnerToken = offer && (await expectRunner(this.env, id, offer));
    await this.#running?.opened;
    const { record } = this.#known();
    return {
      record,
      ...(record.problem !== undefined && { problem: record.problem }),
      ...(runnerToken !== undefined && { runnerToken }),
    };
  }

  /** Undefined when there is no build of this id. */
  async record(): Promise<BuildRecord | undefined> {
    return this.#state?.record;
  }

  /** What must not be removed because the build needs it; nothing when it does not run. */
  async held(): Promise<Held> {
    if (this.#running === undefined) return { blobs: [], manifests: [], contexts: [] };
    const { context, images, options } = this.#storage.inputs();
    const named = Object.values(options.contexts).filter((source) => source.startsWith("sha256:"));
    return {
      blobs: [...this.#storage.held],
      manifests: Object.values(images),
      contexts: [context, ...named],
    };
  }

  /** Forgets everything, unless the build runs or was begun again after `started`; false then. */
  async forget(started: number): Promise<boolean> {
    if (this.#running !== undefined) return false;
    if (this.#state !== undefined && Date.parse(this.#state.record.started) > started) return true;
    this.#state = undefined;
    await this.ctx.storage.deleteAll();
    this.#storage = new BuildStorage(this.ctx.storage);
    return true;
  }

  /** The event log so far. */
  async log(): Promise<BuildEvent[]> {
    return this.#storage.eventsAfter(0).map((event) => JSON.parse(event) as BuildEvent);
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

  /** The constructor has begun the build again where that was needed. */
  override async alarm(): Promise<void> {
    if (this.#running !== undefined) await this.ctx.storage.setAlarm(Date.now() + watchMilliseconds);
  }

  #begin({ attempts, ...rest }: State): void {
    this.#storage.forgetEvents();
    const state = this.#save({ ...rest, attempts: attempts + 1 });
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

  async #carryOut(
    { host, record, attempts, secrets, held = { secrets: [], ssh: [] }, only = false }: State,
    signal: AbortSignal,
    opened: () => void,
  ): Promise<void> {
    const began = Date.now();
    const inputs = this.#storage.inputs();
    const source: Source = { name: inputs.dockerfileName, text: inputs.dockerfile };
    const emit = (body: EventBody) => {
      if (this.#known().record.state !== "running") return;
      this.#storage.append(Date.now() - began, body);
      this.#wake();
    };
    let runners: RemoteRunners | undefined;
    try {
      await this.ctx.storage.setAlarm(began + watchMilliseconds);
      if (attempts > mostAttempts) throw new ProblemError(endedTooOften);
      const own = this.#world(host);
      const { tags } = inputs.options;
      const repositories = repositoriesOfTags(tags);
      const scope = scopeOf(readImageNames(tags));
      const owner = { build: record.id, repositories, scope, only, server: own.origin };
      runners = new RemoteRunners(this.env, owner);
      if (attempts > 1) await runners.forgetJobs();
      const world = {
        ...own,
        runners,
        secrets: new BuildSecrets(this.#secrets, secrets, held),
      };
      await world.store.delete(...this.#storage.takeSpools());
      const build = await prepareBuild(inputs, world);
      opened();
      const running = runBuild(build, world, this.#storage, emit, signal);
      // A cancelled build does not wait for other servers that are slow to answer.
      running.catch(() => {});
      const { result } = await Promise.race([running, aborted(signal)]);
      emit({ type: "result", ...result });
      this.#end({ state: "done", result });
    } catch (error) {
      const problem = problemOf(error, source);
      const step = error instanceof BuildError ? error.step : undefined;
      const reported = eventProblemOf(problem, error, source);
      emit({ type: "error", ...(step !== undefined && { step }), problem: reported });
      this.#end({ state: signal.aborted ? "cancelled" : "failed", problem });
    }
    if (this.#known().isOffered || runners?.isUsed) await runnersOf(this.env).dismiss(record.id);
    await this.ctx.storage.deleteAlarm();
  }

  /** The world, in which what an instance leaves behind when it is ended is dropped by the next. */
  #world(host: string): World {
    const world = worldOf(this.env, host, () => true);
    const create: ObjectStore["create"] = (key, options) => {
      this.#storage.keepSpool(key);
      return world.store.create(key, options);
    };
    return { ...world, spools: { ...world.store, create } };
  }

  #end(outcome: { state: BuildRecord["state"]; result?: BuildResult; problem?: Problem }): void {
    const { record, ...rest } = this.#known();
    this.#save({ ...rest, record: { ...record, ...outcome, ended: new Date().toISOString() } });
    this.#storage.forgetSteps();
    this.#secrets = {};
  }

  #known(): State {
    if (this.#state === undefined) throw new Error("The build was not started");
    return this.#state;
  }

  #save(state: State): State {
    this.#state = state;
    this.#storage.keepState(state);
    return state;
  }

  /** Writes events from after `seq` until the build ends or nobody reads any more. */
  async #feed(writer: WritableStreamDefaultWriter<Uint8Array>, seq: number): Promise<void> {
    const encoder = new TextEncoder();
    for (let last = seq; ; ) {
      const events = this.#storage.eventsAfter(last);
      if (events.length > 0) {
        last += events.length;
        await writer.write(encoder.encode(events.map((event) => `${event}\n`).join("")));
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

/** Never resolves, so that a cancelled build need not wait for what other servers are slow to answer. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason));
  });
}

const endedTooOften = {
  status: 500,
  code: "build-ends-server",
  title: "The build ended the server each time it was begun",
  detail: `Cannot carry out the build: it was begun ${mostAttempts} times and never came to an end`,
};
