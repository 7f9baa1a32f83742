import { DurableObject } from "cloudflare:workers";
import type { BuildInputs, BuildRecord } from "../../../schemas/build.ts";
import type { BuildEvent, EventBody } from "../../../schemas/events.ts";
import type { FinishedBuild } from "../../engine/build.ts";
import { BuildError } from "../../engine/errors.ts";
import { countSteps, runStepsOf } from "../../engine/explain/run-steps.ts";
import { contextDigests } from "../../engine/inputs.ts";
import { type PlannedBuild, type PlatformPlan, planBuild } from "../../engine/plan-build.ts";
import type { Pins } from "../../garbage/pins.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { Env } from "../environment.ts";
import { problemOf, type Source } from "../http/problem.ts";
import { logSubject } from "../operation/log.ts";
import { type Pool, poolFor } from "../runners/pools.ts";
import { expectRunner } from "../runners/remote-runners.ts";
import { runnersOf } from "../runners/runners-service.ts";
import { storeOf } from "../store.ts";
import { attemptBuild } from "./attempt-build.ts";
import { MAX_ATTEMPTS, withAttempts } from "./attempts.ts";
import { noteEnd } from "./build-history.ts";
import {
  contextProblem,
  emitFailure,
  tooManyAttemptsError,
  urlCredentialsLostError,
  warningKey,
} from "./build-problems.ts";
import { BuildRecords } from "./build-records.ts";
import { attemptName } from "./build-runs.ts";
import type { SecretValues } from "./build-secrets.ts";
import type { BuildService, Started, StartOptions } from "./build-service.ts";
import { initialState, type State } from "./build-storage.ts";
import { countBuild } from "./count-build.ts";
import { EventPublisher } from "./event-publisher.ts";
import { noteIdle } from "./running-builds.ts";
import { finishWriting, storeResults } from "./store-results.ts";

/** Interval of the alarm that restarts a running build whose instance was lost. */
const WATCH_MS = 20_000;

export class Build extends DurableObject<Env> implements BuildService {
  readonly #records: BuildRecords;
  #secrets: SecretValues = {};
  #logins: Logins = {};
  /** The inputs with users and passwords in URLs. In memory only, so a later instance does not have them. */
  #inputs: BuildInputs | undefined;
  /** The plan that `start` received. A later instance computes it again. */
  #planned: PlannedBuild | undefined;
  #running: { cancel: AbortController; opened: Promise<void>; ended: Promise<unknown> } | undefined;
  /** Runs whose results are still being stored. */
  readonly #finishing = new Set<Promise<void>>();
  readonly #publisher = new EventPublisher(() => this.#records.runs.flush());

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#records = new BuildRecords(ctx.storage);
    const { state } = this.#records;
    if (state?.record.state === "running") this.#begin(state);
  }

  async start(
    { inputs, platforms }: { inputs: BuildInputs; platforms?: readonly PlatformPlan[] },
    id: string,
    host: string,
    options: StartOptions = {},
  ): Promise<Started> {
    const { offer } = options;
    if (this.#running === undefined) {
      // The last run may still be storing its results.
      this.#records.storage.forgetSteps();
      const hasCredentials = this.#records.storage.keepInputs(inputs);
      this.#inputs = inputs;
      this.#planned = platforms && { inputs, platforms };
      this.#secrets = options.secrets ?? {};
      this.#logins = options.logins ?? {};
      const { tags } = inputs.options;
      const started = new Date().toISOString();
      const record = this.#records.addRun({ id, state: "running", tags, started, ...options.sender });
      this.#begin(initialState(record, host, hasCredentials, options));
    } else {
      const { record, only: wasOnly } = this.#records.known();
      const only = wasOnly === true && offer?.runner === "only";
      this.#records.update({ only, record: { ...record, joined: (record.joined ?? 0) + 1 } });
    }
    if (offer !== undefined) this.#records.update({ isOffered: true });
    const runnerToken = offer && (await expectRunner(this.env, this.#pool, id, offer));
    await this.#running?.opened;
    const { record } = this.#records.known();
    return {
      record,
      ...(record.problem !== undefined && { problem: record.problem }),
      ...(runnerToken !== undefined && { runnerToken }),
    };
  }

  async record(run?: number): Promise<BuildRecord | undefined> {
    return this.#records.record(run);
  }

  async recordOf(started: number): Promise<BuildRecord | undefined> {
    return this.#records.list().find((record) => Date.parse(record.started) === started);
  }

  async runs(): Promise<BuildRecord[]> {
    return this.#records.list();
  }

  async held(): Promise<Pins> {
    if (this.#isIdle) return { blobs: [], manifests: [], contexts: [] };
    const inputs = this.#records.storage.inputs();
    return {
      blobs: [...this.#records.storage.held],
      manifests: Object.values(inputs.images),
      contexts: contextDigests(inputs),
    };
  }

  async forget(started: number): Promise<boolean> {
    const last = this.#records.state && Date.parse(this.#records.state.record.started);
    if (last !== undefined && last > started) {
      this.#records.runs.forgetUntil(started);
      return true;
    }
    if (!this.#isIdle) return false;
    await this.#records.clear();
    return true;
  }

  async log(run = this.#records.lastRun): Promise<BuildEvent[]> {
    return this.#records.runs.eventsAfter(run, 0).map((event) => JSON.parse(event) as BuildEvent);
  }

  async follow(seq: number, run = this.#records.lastRun): Promise<ReadableStream<Uint8Array>> {
    const { readable, written } = this.#publisher.follow({
      eventsAfter: (last) => this.#records.runs.eventsAfter(run, last),
      isEnded: () => this.#running === undefined || run !== this.#records.lastRun,
      after: seq,
    });
    this.ctx.waitUntil(written);
    return readable;
  }

  async cancel(): Promise<BuildRecord | undefined> {
    this.#running?.cancel.abort(new BuildError("cancelled", "The build was cancelled"));
    await this.#running?.ended;
    return this.#records.state?.record;
  }

  /** The alarm creates an instance when the last one was lost. Its constructor restarts the build. */
  override async alarm(): Promise<void> {
    if (this.#running !== undefined || this.#finishing.size > 0) {
      await this.ctx.storage.setAlarm(Date.now() + WATCH_MS);
    } else if (this.#records.state !== undefined) {
      await this.#dismiss(this.#records.state.record.id, Date.now());
    }
  }

  #begin({ attempts, ...rest }: State): void {
    const state = this.#records.save({ ...rest, attempts: attempts + 1 });
    const cancel = new AbortController();
    const opened = Promise.withResolvers<void>();
    const progress = new BuildProgress();
    const execute = () => this.#execute(state, progress, cancel.signal, opened.resolve);
    const ended = logSubject.run({ build: state.record.id }, execute).finally(() => {
      this.#running = undefined;
      opened.resolve();
      this.#publisher.wake();
    });
    this.#running = { cancel, opened: opened.promise, ended };
    const endedAt = ended.then(() => Date.now());
    ended
      .then(() => noteEnd(storeOf(this.env), this.#records.known().record, runStepsOf(progress)))
      .then((record) => this.#records.keep(record))
      .catch((error: unknown) => console.error(error));
    const finished = ended
      .then((finished) => storeResults(finished, state.cache ?? "auto", cancel))
      // Best effort: the build has finished.
      .catch(() => {})
      .then(async () => this.#dismiss(state.record.id, await endedAt))
      .finally(async () => finishWriting(await ended, cancel))
      .finally(() => {
        this.#finishing.delete(finished);
        if (this.#running === undefined) this.#records.storage.forgetSteps();
        if (this.#isIdle) this.#records.storage.forgetInputs();
        const run = attemptName(state.record, state.attempts);
        // If this fails, the collector removes the entry.
        this.ctx.waitUntil(noteIdle(storeOf(this.env), state.record.id, run).catch(() => {}));
      });
    this.#finishing.add(finished);
    this.ctx.waitUntil(finished);
  }

  /** Executes the build until it finishes or fails permanently. @returns undefined when it failed */
  async #execute(
    { record, attempts }: State,
    progress: BuildProgress,
    signal: AbortSignal,
    opened: () => void,
  ): Promise<FinishedBuild | undefined> {
    const inputs = this.#inputs ?? this.#records.storage.inputs();
    const source: Source = { name: inputs.dockerfileName, text: inputs.dockerfile };
    let reported = new Set<string>();
    const emit = (body: EventBody) => {
      // Work that continues after the end of its run, while the next one is running too.
      const { run, state } = this.#records.known().record;
      if (run !== record.run || state !== "running") return;
      if (body.type === "warning" && reported.has(warningKey(body))) return;
      progress.add(this.#records.runs.append(record.run, Date.now() - Date.parse(record.started), body));
      // Publish immediately: a client starts its runner when it reads that a step waits.
      if (body.type === "step.waiting") this.#publisher.publish();
      else this.#publisher.publishSoon();
    };
    const run = attemptName(record, attempts);
    const attempt = async (number: number) => {
      this.#records.update({ attempts: number });
      // Each attempt finds the warnings of the earlier ones again.
      const earlier = await this.log(record.run);
      reported = new Set(earlier.flatMap((event) => (event.type === "warning" ? [warningKey(event)] : [])));
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
      emitFailure(problem, error, source, emit);
      this.#end({ state: signal.aborted ? "cancelled" : "failed", problem }, progress);
      return undefined;
    }
  }

  /** Executes the build once. @param run name under which it is listed as running */
  async #attempt(
    inputs: BuildInputs,
    run: string,
    emit: (body: EventBody) => void,
    signal: AbortSignal,
    opened: () => void,
  ): Promise<FinishedBuild> {
    const state = this.#records.known();
    await this.ctx.storage.setAlarm(Date.now() + WATCH_MS);
    if (state.attempts > MAX_ATTEMPTS) throw tooManyAttemptsError();
    if (state.hasCredentials && this.#inputs === undefined) throw urlCredentialsLostError();
    return attemptBuild({
      env: this.env,
      storage: this.#records.storage,
      state,
      inputs,
      plan: async (world) => {
        const planned = this.#planned ?? (await planBuild(inputs, world));
        this.#planned = undefined;
        return planned;
      },
      secrets: this.#secrets,
      logins: this.#logins,
      run,
      emit,
      opened,
      usesRunners: () => {
        if (!this.#records.known().usesRunners) this.#records.update({ usesRunners: true });
      },
      signal,
    });
  }

  /** The pool that serves the build. */
  get #pool(): Pool {
    return poolFor(repositoriesOfTags(this.#records.known().record.tags), this.env);
  }

  /** Disconnects the runners of the finished run, but not those that were offered for a later run. */
  async #dismiss(build: string, ended: number): Promise<void> {
    const { isOffered, usesRunners } = this.#records.known();
    if (!isOffered && !usesRunners) return;
    await runnersOf(this.env, this.#pool).dismiss(build, ended);
    if (this.#running !== undefined) return;
    this.#records.update({ isOffered: false, usesRunners: false });
    await this.ctx.storage.deleteAlarm();
  }

  #end(outcome: Pick<BuildRecord, "state" | "result" | "problem">, progress: BuildProgress): void {
    const { record } = this.#records.known();
    const steps = countSteps(runStepsOf(progress));
    const ended = { ...record, ...outcome, ended: new Date().toISOString(), steps };
    this.#records.keep(ended);
    this.#publisher.publish();
    this.#secrets = {};
    this.#logins = {};
    this.#inputs = undefined;
    const milliseconds = Date.parse(ended.ended) - Date.parse(record.started);
    this.ctx.waitUntil(countBuild(this.env, outcome.state, milliseconds, steps));
  }

  get #isIdle(): boolean {
    return this.#running === undefined && this.#finishing.size === 0;
  }
}
