import { join } from "node:path";
import type { BuildEvent } from "../../schemas/events.ts";
import type { CachePolicy, Entitlement } from "../../schemas/options.ts";
import type { ClientRunner } from "../../schemas/runner.ts";
import type { Companion, RunningBuild } from "../client/service.ts";
import type { Runner } from "../runner/runner.ts";
import type { StepSettings } from "../runner/runner-options.ts";
import { runnerFolder } from "./data-folder.ts";
import { LocalKeyring } from "./local-keyring.ts";
import type { SecretSource, SshSource } from "./secret-flags.ts";

/** Who carries out RUN: this machine, the server's own runners, or this machine where that is of use and possible. */
export type RunnerPlace = "auto" | "local" | "pool";

export interface OwnRunnerOptions {
  /** URL of the server. */
  server: string;
  place: RunnerPlace;
  secrets: readonly SecretSource[];
  ssh: readonly SshSource[];
  /** Rights that the steps of the build may have on this machine, too: it is the one of who asks. */
  allow?: readonly Entitlement[] | undefined;
  /** What it lets the steps do that it executes. */
  steps?: StepSettings;
  /** With `max`, cache mounts are saved at the server also by a machine that keeps them itself. */
  cache?: CachePolicy | undefined;
  environment?: Record<string, string | undefined>;
  /** Folder for layers and cache mounts. Default: `varve/runner` in the user's folder of caches. */
  data?: string;
}

/** How long this machine waits for results to be stored after a build. */
const STORE_MS = 30_000;

/** Results of a build that were stored for later builds after its end. */
export interface StoredResults {
  results: number;
  /** Of the compressed layers. */
  bytes: number;
  milliseconds: number;
  /** The time was not enough for all of them. */
  isCut: boolean;
}

/** Steps cannot be executed where they have to be. */
export class OwnRunnerError extends Error {
  override name = "OwnRunnerError";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The part that this machine has in carrying out the steps of one build. Nothing is started before a step waits; a
 * build without such steps is not slowed down. Secrets and ssh agents never leave the machine, unless its operator
 * says that the server's runners shall have them (`pool`) or it could not use them itself.
 */
export class OwnRunner {
  readonly #server: string;
  readonly #data: string;
  readonly #allow: readonly Entitlement[];
  readonly #steps: StepSettings;
  readonly #keyring: LocalKeyring;
  readonly #isLasting: boolean;
  readonly #savesCaches: boolean;
  readonly #offer: ClientRunner | undefined;
  readonly #failed = Promise.withResolvers<never>();
  /** The server needs this machine no longer. */
  readonly #dismissed = Promise.withResolvers<void>();
  readonly #stored = { results: 0, bytes: 0 };
  /** The build has a result or an error. */
  #isEnded = false;
  #starting: Promise<Pick<Runner, "close"> | undefined> | undefined;

  /**
   * @throws {KeyringError} when a secret or an agent is not there
   * @throws {OwnRunnerError} when ssh is asked for where it cannot be
   */
  constructor(options: OwnRunnerOptions) {
    const {
      server,
      place,
      secrets,
      ssh,
      allow = [],
      steps = {},
      cache,
      environment = process.env,
      data,
    } = options;
    this.#allow = allow;
    this.#steps = steps;
    this.#server = server;
    this.#data = data ?? runnerFolder(environment);
    // Set by every CI service. The machine of a job usually ends with it, and with it what it does not store.
    this.#isLasting = ["", "0", "false"].includes(environment.CI ?? "");
    this.#savesCaches = !this.#isLasting || cache === "max";
    this.#keyring = new LocalKeyring(secrets, ssh, environment);
    this.#keyring.check();
    this.#failed.promise.catch(() => {});
    const { secretIds, sshIds } = this.#keyring;
    const isSpecial = secretIds.length + sshIds.length > 0 || (steps.networkAllow ?? []).length > 0;
    const mode = modeOf(place, server, isSpecial);
    this.#offer = mode && { runner: mode, secrets: secretIds, ssh: sshIds };
    if (mode === undefined && sshIds.length > 0) {
      throw new OwnRunnerError(
        "--ssh needs a runner on this machine",
        "Runners run on Linux: --runner=local",
      );
    }
  }

  /** What goes along with the request. @throws {KeyringError} */
  async companion(): Promise<Companion> {
    if (this.#offer !== undefined) return { offer: this.#offer };
    const secrets: Record<string, Uint8Array> = {};
    for (const id of this.#keyring.secretIds) secrets[id] = await this.#keyring.secret(id);
    return { secrets };
  }

  /** The build, whose steps this machine executes while the events are read. */
  attend(build: RunningBuild): RunningBuild {
    const { runnerToken, events } = build;
    return runnerToken === undefined ? build : { ...build, events: this.#watch(events, runnerToken) };
  }

  /**
   * Ends the part of this machine. After a build that has ended, its results and cache mounts are stored first, for a
   * limited time.
   */
  async finish(): Promise<StoredResults | undefined> {
    const runner = await this.#starting;
    try {
      if (runner === undefined) return undefined;
      if (!this.#isEnded) {
        await runner.close(true);
        return undefined;
      }
      return await this.#store(runner);
    } finally {
      await this.#keyring.close();
    }
  }

  async #store(runner: Pick<Runner, "close">): Promise<StoredResults> {
    const began = Date.now();
    const before = { ...this.#stored };
    let isCut = false;
    const limit = setTimeout(() => {
      isCut = true;
      this.#dismissed.resolve();
      runner.close(true).catch(() => {});
    }, STORE_MS);
    try {
      await this.#dismissed.promise;
      await runner.close();
    } finally {
      clearTimeout(limit);
    }
    const { results, bytes } = this.#stored;
    const milliseconds = Date.now() - began;
    return { results: results - before.results, bytes: bytes - before.bytes, milliseconds, isCut };
  }

  async *#watch(events: AsyncIterable<BuildEvent>, token: string): AsyncGenerator<BuildEvent> {
    const source = events[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { value, done } = await Promise.race([source.next(), this.#failed.promise]);
        if (done) break;
        if (value.type === "step.waiting") this.#starting ??= this.#start(token);
        // Cache mounts are kept also when a step failed.
        if (value.type === "result" || value.type === "error") this.#isEnded = true;
        yield value;
      }
    } finally {
      const left = source.return?.();
      left?.catch(() => {});
      if (this.#isEnded) await left;
      else await this.finish();
    }
  }

  async #start(token: string): Promise<Pick<Runner, "close"> | undefined> {
    const { UnableError } = await import("../runner/ability.ts");
    try {
      return await this.#startHere(token);
    } catch (error) {
      if (error instanceof UnableError && this.#isShared) return this.#decline(token);
      this.#failed.reject(error instanceof UnableError ? this.#unable(error.message) : error);
      return undefined;
    }
  }

  /** In the first folder that no other command uses; unpacked layers are shared by all. */
  async #startHere(token: string): Promise<Runner> {
    const { startRunner } = await import("../runner/runner.ts");
    const { FolderInUseError } = await import("../runner/folder-lock.ts");
    const { availableParallelism } = await import("node:os");
    for (let number = 0; ; number++) {
      try {
        return await startRunner({
          server: this.#server,
          token,
          data: join(this.#data, String(number)),
          layers: join(this.#data, "layers"),
          capacity: availableParallelism(),
          keyring: this.#keyring,
          allow: this.#allow,
          ...this.#steps,
          isLasting: this.#isLasting,
          savesCaches: this.#savesCaches,
          tell: () => {},
          dismissed: () => this.#dismissed.resolve(),
          // The build has ended before this machine was ready.
          refused: () => this.#dismissed.resolve(),
          stored: (bytes) => {
            this.#stored.results++;
            this.#stored.bytes += bytes;
          },
        });
      } catch (error) {
        if (!(error instanceof FolderInUseError)) throw error;
      }
    }
  }

  /** Whether others may carry the steps out when this machine cannot. */
  get #isShared(): boolean {
    const { runner, secrets = [], ssh = [] } = this.#offer ?? {};
    return runner !== "only" && secrets.length + ssh.length === 0;
  }

  #unable(reason: string): OwnRunnerError {
    return new OwnRunnerError(
      `This machine cannot carry out the steps of the build: ${reason}`,
      "With --runner=pool the server's runners do it, and get the secrets.",
    );
  }

  /** Tells the server not to wait for this machine. */
  async #decline(token: string): Promise<Pick<Runner, "close">> {
    const { Connection } = await import("../runner/connection.ts");
    const connection = new Connection(new URL(this.#server), token, {
      hello: () => ({ type: "hello", instance: "", platforms: [], capacity: 1, labels: {} }),
      message: () => {},
    });
    this.#dismissed.resolve();
    return { close: () => connection.close() };
  }
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * What to offer. A server on this machine has a runner on this machine, so that this one is a spare, unless it has
 * secrets or lets steps do what that one may not.
 */
function modeOf(place: RunnerPlace, server: string, isSpecial: boolean): ClientRunner["runner"] | undefined {
  if (place === "local") return "only";
  if (place === "pool" || process.platform !== "linux") return undefined;
  return loopback.has(new URL(server).hostname) && !isSpecial ? "spare" : "first";
}
