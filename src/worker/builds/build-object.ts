import { DurableObject } from "cloudflare:workers";
import type { BuildInputs, BuildRecord, RunStep } from "../../../schemas/build.ts";
import type { BuildEvent, EventBody } from "../../../schemas/events.ts";
import type { CachePolicy } from "../../../schemas/options.ts";
import { type FinishedBuild, memoryOf, prepareBuild, runBuild } from "../../engine/build.ts";
import { BuildError } from "../../engine/errors.ts";
import { countSteps, longestSteps, runStepsOf } from "../../engine/explain/run-steps.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { type PlannedBuild, type PlatformPlan, planBuild } from "../../engine/plan-build.ts";
import { resultsToStore } from "../../engine/solve/cache-policy.ts";
import type { World } from "../../engine/world.ts";
import type { Held } from "../../garbage/held.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { untilAborted } from "../../streams/until-aborted.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { Env } from "../environment.ts";
import { eventProblemOf, problemOf, type Source } from "../http/problem.ts";
import { logSubject } from "../operation/log.ts";
import { type Pool, poolFor } from "../runners/pools.ts";
import { expectRunner, RemoteRunners } from "../runners/remote-runners.ts";
import { runnersOf } from "../runners/runners-service.ts";
import { storeOf } from "../store.ts";
import { worldOf } from "../world.ts";
import { MAX_ATTEMPTS, withAttempts } from "./attempts.ts";
import { imageBytes, noteEnd } from "./build-history.ts";
import {
  contextProblem,
  loginsLostError,
  tooManyAttemptsError,
  urlCredentialsLostError,
} from "./build-problems.ts";
import { BuildRuns } from "./build-runs.ts";
import { BuildSecrets, type SecretValues } from "./build-secrets.ts";
import type { BuildService, Started, StartOptions } from "./build-service.ts";
import { BuildStorage, type State } from "./build-storage.ts";
import { countBuild } from "./count-build.ts";
import { Followers } from "./followers.ts";
import { segmentsOf } from "./layer-segments.ts";
import { noteIdle, noteRunning } from "./running-builds.ts";

/** Interval of the alarm that restarts a running build whose instance was lost. */
const WATCH_MS = 20_000;
/** Maximum time for storing results: on runners that stop with the build, and on other runners. */
const MAX_TRANSIENT_MS = 60_000;
const MAX_LASTING_MS = 600_000;
/** Time in which new events are collected before they are written and sent. */
const PUBLISH_MS = 50;

export class Build extends DurableObject<Env> implements BuildService {
  #storage: BuildStorage;
  #runs: BuildRuns;
  #state: State | undefined;
  #secrets: SecretValues = {};
  #logins: Logins = {};
  /** The inputs including users and passwords of URLs. Held in memory only, so a later instance does not have them. */
  #inputs: BuildInputs | undefined;
  /** The plan that `start` received. A later instance computes it again. */
  #planned: PlannedBuild | undefined;
  #running: { cancel: AbortController; opened: Promise<void>; ended: Promise<unknown> } | undefined;
  /** Runs whose results are still being stored. */
  readonly #finishing = new Set<Promise<void>>();
  /** Readers of events that wait for the next one. */
  readonly #followers = new Followers();
  #publishing: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new BuildStorage(ctx.storage);
    this.#runs = new BuildRuns(ctx.storage.sql);
    this.#state = this.#storage.state();
    if (this.#state?.record.state === "running") this.#begin(this.#state);
  }

  async start(
    { inputs, platforms }: { inputs: BuildInputs; platforms?: readonly PlatformPlan[] },
    id: string,
    host: string,
    { cache, secrets = {}, logins = {}, sender, prefersOwn = false, offer }: StartOptions = {},
  ): Promise<Started> {
    if (this.#running === undefined) {
      const hasCredentials = this.#storage.keepInputs(inputs);
      this.#inputs = inputs;
      this.#planned = platforms && { inputs, platforms };
      this.#secrets = secrets;
      this.#logins = logins;
      const { tags } = inputs.options;
      const run = (this.#state?.record.run ?? (this.#state === undefined ? 0 : 1)) + 1;
      const started = new Date().toISOString();
      const record: BuildRecord = { id, run, state: "running", tags, started, ...sender };
      if (run === 2) this.#keepFirst();
      this.#runs.keep(run, record);
      this.#begin({
        host,
        record,
        attempts: 0,
        secrets: Object.keys(secrets),
        hasCredentials,
        registries: Object.keys(logins),
        prefersOwn,
        ...(cache && { cache }),
        ...(offer && { held: { secrets: offer.secrets, ssh: offer.ssh } }),
        only: offer?.runner === "only",
      });
    } else {
      const { record, ...rest } = this.#known();
      const only = rest.only === true && offer?.runner === "only";
      this.#save({ ...rest, only, record: { ...record, joined: (record.joined ?? 0) + 1 } });
    }
    if (offer !== undefined) this.#save({ ...this.#known(), isOffered: true });
    const runnerToken = offer && (await expectRunner(this.env, this.#pool(), id, offer));
    await this.#running?.opened;
    const { record } = this.#known();
    return {
      record,
      ...(record.problem !== undefined && { problem: record.problem }),
      ...(runnerToken !== undefined && { runnerToken }),
    };
  }

  async record(run?: number): Promise<BuildRecord | undefined> {
    const last = this.#state?.record;
    return run === undefined || run === runOf(last) ? last : this.#runs.record(run);
  }

  async recordOf(started: number): Promise<BuildRecord | undefined> {
    return (await this.runs()).find((record) => Date.parse(record.started) === started);
  }

  async runs(): Promise<BuildRecord[]> {
    const last = this.#state?.record;
    if (last === undefined) return [];
    return [last, ...this.#runs.list().filter(({ run }) => run !== runOf(last))];
  }

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

  async forget(started: number): Promise<boolean> {
    const last = this.#state && Date.parse(this.#state.record.started);
    if (last !== undefined && last > started) {
      this.#runs.forgetUntil(started);
      return true;
    }
    if (!this.#isIdle) return false;
    this.#state = undefined;
    await this.ctx.storage.deleteAll();
    this.#storage = new BuildStorage(this.ctx.storage);
    this.#runs = new BuildRuns(this.ctx.storage.sql);
    return true;
  }

  async log(run = runOf(this.#state?.record)): Promise<BuildEvent[]> {
    return this.#runs.eventsAfter(run, 0).map((event) => JSON.parse(event) as BuildEvent);
  }

  async follow(seq: number, run = runOf(this.#state?.record)): Promise<ReadableStream<Uint8Array>> {
    const { readable, written } = this.#followers.follow({
      eventsAfter: (last) => this.#runs.eventsAfter(run, last),
      isEnded: () => this.#running === undefined || run !== runOf(this.#state?.record),
      after: seq,
    });
    this.ctx.waitUntil(written);
    return readable;
  }

  async cancel(): Promise<BuildRecord | undefined> {
    this.#running?.cancel.abort(new BuildError("cancelled", "The build was cancelled"));
    await this.#running?.ended;
    return this.#state?.record;
  }

  /** Creates an instance when the last one was lost; its constructor restarts the build. */
  override async alarm(): Promise<void> {
    if (this.#running !== undefined || this.#finishing.size > 0) {
      await this.ctx.storage.setAlarm(Date.now() + WATCH_MS);
    } else if (this.#state !== undefined) {
      await this.#dismiss(this.#state.record.id, Date.now());
    }
  }

  #begin({ attempts, ...rest }: State): void {
    const state = this.#save({ ...rest, attempts: attempts + 1 });
    const cancel = new AbortController();
    const opened = Promise.withResolvers<void>();
    const progress = new BuildProgress();
    const execute = () => this.#execute(state, progress, cancel.signal, opened.resolve);
    const ended = logSubject.run({ build: state.record.id }, execute).finally(() => {
      this.#running = undefined;
      opened.resolve();
      this.#followers.wake();
    });
    this.#running = { cancel, opened: opened.promise, ended };
    const endedAt = ended.then(() => Date.now());
    ended
      .then(() => this.#noteEnd(this.#known().record, runStepsOf(progress)))
      .catch((error: unknown) => console.error(error));
    const finished = ended
      .then((finished) => this.#storeResults(finished, state.cache ?? "auto", cancel))
      .catch(() => {})
      .then(async () => this.#dismiss(state.record.id, await endedAt))
      .finally(() => {
        this.#finishing.delete(finished);
        if (this.#isIdle) this.#storage.forgetInputs();
        const run = numberOf(state.record, state.attempts);
        // After a failure here, the collector removes the entry.
        this.ctx.waitUntil(noteIdle(storeOf(this.env), state.record.id, run).catch(() => {}));
      });
    this.#finishing.add(finished);
    this.ctx.waitUntil(finished);
  }

  /** Executes the build until it finishes, or fails for a reason that does not pass. @returns undefined when it failed */
  async #execute(
    { record, attempts }: State,
    progress: BuildProgress,
    signal: AbortSignal,
    opened: () => void,
  ): Promise<FinishedBuild | undefined> {
    const inputs = this.#inputs ?? this.#storage.inputs();
    const source: Source = { name: inputs.dockerfileName, text: inputs.dockerfile };
    const emit = (body: EventBody) => {
      if (this.#known().record.state !== "running") return;
      progress.add(this.#runs.append(runOf(record), Date.now() - Date.parse(record.started), body));
      // A client starts its runner when it reads that a step waits.
      if (body.type === "step.waiting") this.#publish();
      else this.#publishing ??= setTimeout(() => this.#publish(), PUBLISH_MS);
    };
    const run = numberOf(record, attempts);
    const attempt = (number: number) => {
      this.#save({ ...this.#known(), attempts: number });
      return this.#attempt(inputs, run, emit, signal, opened);
    };
    try {
      const finished = await withAttempts(attempts, attempt, signal);
      emit({ type: "result", ...finished.result });
      this.#end({ state: "done", result: finished.result }, progress);
      return finished;
    } catch (error) {
      const reason = problemOf(error, source);
      const store = storeOf(this.env);
      const problem = (signal.aborted ? undefined : await contextProblem(store, reason, inputs)) ?? reason;
      const step = error instanceof BuildError ? error.step : undefined;
      const { warnings = [], ...reported } = eventProblemOf(problem, error, source);
      for (const warning of warnings) emit({ type: "warning", ...warning });
      emit({ type: "error", ...(step !== undefined && { step }), problem: reported });
      this.#end({ state: signal.aborted ? "cancelled" : "failed", problem }, progress);
      return undefined;
    }
  }

  /** Executes the build once. @param run under which it is listed as running */
  async #attempt(
    inputs: BuildInputs,
    run: string,
    emit: (body: EventBody) => void,
    signal: AbortSignal,
    opened: () => void,
  ): Promise<FinishedBuild> {
    const {
      host,
      record,
      attempts,
      secrets,
      hasCredentials,
      registries = [],
      held,
      only = false,
    } = this.#known();
    await this.ctx.storage.setAlarm(Date.now() + WATCH_MS);
    if (attempts > MAX_ATTEMPTS) throw tooManyAttemptsError();
    if (hasCredentials && this.#inputs === undefined) throw urlCredentialsLostError();
    const lost = registries.filter((registry) => !Object.hasOwn(this.#logins, registry));
    if (lost.length > 0) throw loginsLostError(lost);
    const own = this.#world(host);
    const { tags } = inputs.options;
    const repositories = repositoriesOfTags(tags);
    const scope = scopeOf(readImageNames(tags));
    const owner = { build: record.id, repositories, scope, only, server: own.origin };
    const runners = new RemoteRunners(this.env, owner, () => {
      if (!this.#known().usesRunners) this.#save({ ...this.#known(), usesRunners: true });
    });
    if (attempts > 1) await runners.forgetJobs();
    const world = { ...own, runners, secrets: new BuildSecrets(this.#secrets, secrets, held) };
    await Promise.all([
      noteRunning(world.store, record.id, run),
      world.store.delete(...this.#storage.takeSpools()),
    ]);
    const planned = this.#planned ?? (await planBuild(inputs, world));
    this.#planned = undefined;
    const build = await prepareBuild(planned, world);
    using _entries = isolateMemory.hold(memoryOf(build));
    opened();
    // A cancelled build does not wait for slow responses of other servers.
    return await untilAborted(runBuild(build, world, this.#storage, emit, signal), signal);
  }

  /** Stores intermediate results for later builds. Best effort: failures do not fail the build. */
  async #storeResults(
    finished: FinishedBuild | undefined,
    policy: CachePolicy,
    cancel: AbortController,
  ): Promise<void> {
    const results = resultsToStore(finished?.held ?? new Map(), policy);
    const isTransient = results.some(({ snapshot }) => snapshot?.isTransient);
    const limit = isTransient ? MAX_TRANSIENT_MS : MAX_LASTING_MS;
    const timer = setTimeout(() => cancel.abort(new Error("Storing results takes too long")), limit);
    try {
      for (const result of results) await result.ensureStored();
      await finished?.indexLayers();
    } finally {
      clearTimeout(timer);
      if (this.#running === undefined) this.#storage.forgetSteps();
    }
  }

  /** The pool that serves the build. */
  #pool(): Pool {
    return poolFor(repositoriesOfTags(this.#known().record.tags), this.env);
  }

  /** Disconnects the runners of the finished run. Keeps those that were offered for a later run. */
  async #dismiss(build: string, ended: number): Promise<void> {
    const { isOffered, usesRunners } = this.#known();
    if (!isOffered && !usesRunners) return;
    await runnersOf(this.env, this.#pool()).dismiss(build, ended);
    if (this.#running !== undefined) return;
    this.#save({ ...this.#known(), isOffered: false, usesRunners: false });
    await this.ctx.storage.deleteAlarm();
  }

  /** The world of the build. Records the keys of spooled objects, so that a later instance can delete them. */
  #world(host: string): World {
    const world = worldOf(this.env, host, () => true, {
      logins: this.#logins,
      prefersOwn: this.#state?.prefersOwn,
    });
    const create: ObjectStore["create"] = (key, options) => {
      this.#storage.keepSpool(key);
      return world.store.create(key, options);
    };
    const segments = segmentsOf(this.env, this.#known().record.id);
    return { ...world, spools: { ...world.store, create }, ...(segments && { segments }) };
  }

  /** Writes new events, and continues their readers. */
  #publish(): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    this.#runs.flush();
    this.#followers.wake();
  }

  #end(outcome: Pick<BuildRecord, "state" | "result" | "problem">, progress: BuildProgress): void {
    const { record, ...rest } = this.#known();
    const steps = countSteps(runStepsOf(progress));
    const ended = { ...record, ...outcome, ended: new Date().toISOString(), steps };
    this.#save({ ...rest, record: ended });
    this.#runs.keep(runOf(ended), ended);
    this.#publish();
    this.#secrets = {};
    this.#logins = {};
    this.#inputs = undefined;
    const milliseconds = Date.parse(ended.ended) - Date.parse(record.started);
    this.ctx.waitUntil(countBuild(this.env, outcome.state, milliseconds, steps));
  }

  /** Adds the finished run to the lists of runs. */
  async #noteEnd(record: BuildRecord, steps: readonly RunStep[]): Promise<void> {
    const { store } = worldOf(this.env, this.#known().host, () => true);
    const size = record.result && (await imageBytes(store, record.result));
    const ended = size === undefined ? record : { ...record, size };
    await noteEnd(store, ended, longestSteps(steps));
    if (size === undefined) return;
    this.#runs.keep(runOf(ended), ended);
    const state = this.#known();
    if (state.record.started === record.started) this.#save({ ...state, record: ended });
  }

  /** Keeps the run of a build that an earlier version stored without a run number. */
  #keepFirst(): void {
    const first = this.#state?.record;
    if (first?.run === undefined && first !== undefined) this.#runs.keep(1, { ...first, run: 1 });
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
}

/** Number of a run and of the attempt to execute it. */
function numberOf(record: BuildRecord, attempts: number): string {
  return `${runOf(record)}-${attempts}`;
}

/** Number of a run. Records of earlier versions, which kept one run, have no number. */
function runOf(record: BuildRecord | undefined): number {
  return record?.run ?? 1;
}
