import { DurableObject } from "cloudflare:workers";
import type { BuildInputs, BuildRecord } from "../../schemas/build.ts";
import type { BuildEvent, BuildResult, EventBody } from "../../schemas/events.ts";
import type { CachePolicy } from "../../schemas/options.ts";
import type { Problem } from "../../schemas/problem.ts";
import type { ClientRunner } from "../../schemas/runner.ts";
import { type FinishedBuild, prepareBuild, runBuild } from "../engine/build.ts";
import { BuildError } from "../engine/errors.ts";
import { readImageNames, scopeOf } from "../engine/export.ts";
import { type PlannedBuild, type PlatformPlan, planBuild } from "../engine/plan-build.ts";
import { resultsToStore } from "../engine/solve/cache-policy.ts";
import type { World } from "../engine/world.ts";
import type { Held } from "../garbage/mark.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { repositoriesOfTags } from "./access/demand.ts";
import { BuildSecrets, type SecretValues } from "./build-secrets.ts";
import { BuildStorage, type State } from "./build-storage.ts";
import type { Env } from "./environment.ts";
import { logSubject } from "./log.ts";
import { eventProblemOf, ProblemError, problemOf, type Source } from "./problem.ts";
import { expectRunner, RemoteRunners, runnersOf } from "./remote-runners.ts";
import { worldOf } from "./world.ts";

/** How long a running build may be without an instance that carries it out. */
const watchMilliseconds = 20_000;
/** How long storing results may take on runners that end with the build, and on others. */
const transientMilliseconds = 60_000;
const lastingMilliseconds = 600_000;
/** How often a build is begun before it is taken to be what ends its instance. */
const mostAttempts = 5;

/** What accompanies a build without deciding its result. */
export interface StartOptions {
  /** Which intermediate results are stored after it. */
  cache?: CachePolicy;
  secrets?: SecretValues;
  /** A runner of the client. */
  offer?: ClientRunner | undefined;
}

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
  /** The inputs with users and passwords of URLs; only the instance that was started with them has those. */
  #inputs: BuildInputs | undefined;
  /** The plan that the build was started with; an instance that continues a build computes it again. */
  #planned: PlannedBuild | undefined;
  #running: { cancel: AbortController; opened: Promise<void>; ended: Promise<unknown> } | undefined;
  /** Runs whose results are still being stored. */
  readonly #finishing = new Set<Promise<void>>();
  #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new BuildStorage(ctx.storage);
    this.#state = this.#storage.state();
    if (this.#state?.record.state === "running") this.#begin(this.#state);
  }

  /**
   * Starts the build, or joins it when it is running. Resolves when its sources were found in the contexts, or with the
   * problem that was found before that.
   * @param build its plan, unless that is too large to be sent
   */
  async start(
    { inputs, platforms }: { inputs: BuildInputs; platforms?: readonly PlatformPlan[] },
    id: string,
    host: string,
    { cache, secrets = {}, offer }: StartOptions = {},
  ): Promise<Started> {
    if (this.#running === undefined) {
      const hasCredentials = this.#storage.keepInputs(inputs);
      this.#inputs = inputs;
      this.#planned = platforms && { inputs, platforms };
      this.#secrets = secrets;
      const { tags } = inputs.options;
      const record: BuildRecord = { id, state: "running", tags, started: new Date().toISOString() };
      this.#begin({
        host,
        record,
        attempts: 0,
        secrets: Object.keys(secrets),
        hasCredentials,
        ...(cache && { cache }),
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
    if (this.#isIdle) return { blobs: [], manifests: [], contexts: [] };
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
    if (!this.#isIdle) return false;
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

  /** The constructor has started the build again if its instance was lost. */
  override async alarm(): Promise<void> {
    if (this.#running !== undefined || this.#finishing.size > 0) {
      await this.ctx.storage.setAlarm(Date.now() + watchMilliseconds);
    } else if (this.#state !== undefined) {
      await this.#dismiss(this.#state.record.id, Date.now());
    }
  }

  #begin({ attempts, ...rest }: State): void {
    this.#storage.forgetEvents();
    const state = this.#save({ ...rest, attempts: attempts + 1 });
    const cancel = new AbortController();
    const opened = Promise.withResolvers<void>();
    const execute = () => this.#execute(state, cancel.signal, opened.resolve);
    const ended = logSubject.run({ build: state.record.id }, execute).finally(() => {
      this.#running = undefined;
      opened.resolve();
      this.#wake();
    });
    this.#running = { cancel, opened: opened.promise, ended };
    const endedAt = ended.then(() => Date.now());
    const finished = ended
      .then((held) => this.#storeResults(held, state.cache ?? "auto", cancel))
      .catch(() => {})
      .then(async () => this.#dismiss(state.record.id, await endedAt))
      .finally(() => {
        this.#finishing.delete(finished);
        if (this.#isIdle) this.#storage.forgetInputs();
      });
    this.#finishing.add(finished);
    this.ctx.waitUntil(finished);
  }

  /** Executes the build to its end. @returns the layers that only runners hold then */
  async #execute(
    {
      host,
      record,
      attempts,
      secrets,
      hasCredentials = false,
      held = { secrets: [], ssh: [] },
      only = false,
    }: State,
    signal: AbortSignal,
    opened: () => void,
  ): Promise<FinishedBuild["held"]> {
    const began = Date.now();
    const inputs = this.#inputs ?? this.#storage.inputs();
    const isIncomplete = hasCredentials && this.#inputs === undefined;
    const source: Source = { name: inputs.dockerfileName, text: inputs.dockerfile };
    const emit = (body: EventBody) => {
      if (this.#known().record.state !== "running") return;
      this.#storage.append(Date.now() - began, body);
      this.#wake();
    };
    try {
      await this.ctx.storage.setAlarm(began + watchMilliseconds);
      if (attempts > mostAttempts) throw new ProblemError(endedTooOften);
      if (isIncomplete) throw new ProblemError(credentialsLost);
      const own = this.#world(host);
      const { tags } = inputs.options;
      const repositories = repositoriesOfTags(tags);
      const scope = scopeOf(readImageNames(tags));
      const owner = { build: record.id, repositories, scope, only, server: own.origin };
      const runners = new RemoteRunners(this.env, owner, () => {
        if (!this.#known().usesRunners) this.#save({ ...this.#known(), usesRunners: true });
      });
      if (attempts > 1) await runners.forgetJobs();
      const world = {
        ...own,
        runners,
        secrets: new BuildSecrets(this.#secrets, secrets, held),
      };
      await world.store.delete(...this.#storage.takeSpools());
      const planned = this.#planned ?? (await planBuild(inputs, world));
      this.#planned = undefined;
      const build = await prepareBuild(planned, world);
      opened();
      const running = runBuild(build, world, this.#storage, emit, signal);
      // A cancelled build does not wait for other servers that are slow to answer.
      running.catch(() => {});
      const finished = await Promise.race([running, aborted(signal)]);
      emit({ type: "result", ...finished.result });
      this.#end({ state: "done", result: finished.result });
      return finished.held;
    } catch (error) {
      const problem = problemOf(error, source);
      const step = error instanceof BuildError ? error.step : undefined;
      const reported = eventProblemOf(problem, error, source);
      emit({ type: "error", ...(step !== undefined && { step }), problem: reported });
      this.#end({ state: signal.aborted ? "cancelled" : "failed", problem });
      return new Map();
    }
  }

  /** Stores results that no image contains, for later builds; best effort. */
  async #storeResults(
    held: FinishedBuild["held"],
    policy: CachePolicy,
    cancel: AbortController,
  ): Promise<void> {
    const results = resultsToStore(held, policy);
    const isTransient = results.some(({ snapshot }) => snapshot?.isTransient);
    const limit = isTransient ? transientMilliseconds : lastingMilliseconds;
    const timer = setTimeout(() => cancel.abort(new Error("Storing results takes too long")), limit);
    try {
      for (const result of results) await result.stored();
    } finally {
      clearTimeout(timer);
      if (this.#running === undefined) this.#storage.forgetSteps();
    }
  }

  /** The build has ended: its runners disconnect, unless they were offered for a run that started later. */
  async #dismiss(build: string, ended: number): Promise<void> {
    const { isOffered, usesRunners } = this.#known();
    if (!isOffered && !usesRunners) return;
    await runnersOf(this.env).dismiss(build, ended);
    if (this.#running !== undefined) return;
    this.#save({ ...this.#known(), isOffered: false, usesRunners: false });
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
    this.#secrets = {};
    this.#inputs = undefined;
  }

  get #isIdle(): boolean {
    return this.#running === undefined && this.#finishing.size === 0;
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

const credentialsLost = {
  status: 503,
  code: "credentials-lost",
  title: "The server was started again during the build",
  detail:
    "Cannot continue the build: URLs of its Dockerfile have users or passwords, which the server does not store",
  hint: "Send the build again: steps that are finished are not executed again.",
};

const endedTooOften = {
  status: 500,
  code: "build-ends-server",
  title: "The build ended the server each time it was begun",
  detail: `Cannot carry out the build: it was begun ${mostAttempts} times and never came to an end`,
};
