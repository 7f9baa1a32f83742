import { join } from "node:path";
import type { ClientRunner } from "../../schemas/client-runner.ts";
import type { BuildEvent } from "../../schemas/events.ts";
import type { CachePolicy, Entitlement } from "../../schemas/options.ts";
import type { Companion, RunningBuild } from "../client/service.ts";
import { isLoopbackHost } from "../network/network-policy.ts";
import type { Runner } from "../runner/runner.ts";
import type { StepSettings } from "../runner/runner-options.ts";
import { runnerFolder } from "./data-folder.ts";
import { LocalKeyring } from "./local-keyring.ts";
import { MachineError } from "./machine-error.ts";
import type { SecretSource, SshSource } from "./secret-flags.ts";

/** Where RUN executes: on this machine, on the server's runners, or on this machine where useful and possible. */
export type RunnerPlace = "auto" | "local" | "pool";

interface OwnRunnerOptions {
  /** URL of the server. */
  server: string;
  place: RunnerPlace;
  secrets: readonly SecretSource[];
  ssh: readonly SshSource[];
  /** Entitlements of the steps on this machine too, because it belongs to the caller. */
  allow?: readonly Entitlement[] | undefined;
  /** Permissions of the steps that this machine executes. */
  steps?: StepSettings;
  /** With `max`, a machine that keeps cache mounts itself also stores them on the server. */
  cache?: CachePolicy | undefined;
  environment?: Record<string, string | undefined>;
  /** Folder for layers and cache mounts. Default: `varve/runner` in the user's cache folder. */
  data?: string;
}

/** Longest time that this machine waits after a build for results to be stored, in milliseconds. */
const STORE_MS = 30_000;

/** Results of a build that were stored for later builds after its end. */
export interface StoredResults {
  results: number;
  /** Size of the compressed layers in bytes. */
  bytes: number;
  milliseconds: number;
  /** Whether the time was too short for all of them. */
  isCut: boolean;
}

/**
 * This machine's runner for the steps of one build. Starts nothing before a step waits, so that a build without such
 * steps is not slower. Secrets and ssh agents never leave the machine, unless the user chooses the server's runners
 * (`pool`) or this machine could not use them itself.
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
  /** Resolves when the server no longer needs this machine. */
  readonly #dismissed = Promise.withResolvers<void>();
  readonly #stored = { results: 0, bytes: 0 };
  /** Whether the build has a result or an error. */
  #isEnded = false;
  #starting: Promise<Pick<Runner, "close"> | undefined> | undefined;

  /**
   * @throws {MachineError} when a secret or an agent is not available, or ssh is requested where it is not possible
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
    // Every CI service sets CI. The machine of a job usually ends with it, including what it has not stored.
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
      throw new MachineError("--ssh needs a runner on this machine", {
        hint: "Runners run on Linux: --runner=local",
      });
    }
  }

  /** The companion to announce in the build request. @throws {MachineError} */
  async companion(): Promise<Companion> {
    if (this.#offer !== undefined) return { offer: this.#offer };
    const secrets: Record<string, Uint8Array> = {};
    for (const id of this.#keyring.secretIds) secrets[id] = await this.#keyring.secret(id);
    return { secrets };
  }

  /** Wraps a build so that this machine executes its steps while the events are read. */
  attend(build: RunningBuild): RunningBuild {
    const { runnerToken, events } = build;
    return runnerToken === undefined ? build : { ...build, events: this.#watch(events, runnerToken) };
  }

  /** Stops the runner. After an ended build, first stores its results and cache mounts, for a limited time. */
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
        if (value.type === "step.waiting" && this.#isNeeded(value)) this.#starting ??= this.#start(token);
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

  /** A spare runner would only compete with busy ones: they are usually on this machine. */
  #isNeeded({ reason }: Extract<BuildEvent, { type: "step.waiting" }>): boolean {
    return this.#offer?.runner !== "spare" || reason !== "busy";
  }

  async #start(token: string): Promise<Pick<Runner, "close"> | undefined> {
    const { UnableError } = await import("../runner/sandbox/ability.ts");
    try {
      return await this.#startHere(token);
    } catch (error) {
      if (error instanceof UnableError && this.#isShared) return this.#decline(token);
      this.#failed.reject(error instanceof UnableError ? this.#unable(error.message) : error);
      return undefined;
    }
  }

  /** Uses the first folder that no other command uses; all share unpacked layers. */
  async #startHere(token: string): Promise<Runner> {
    const { startRunner } = await import("../runner/runner.ts");
    const { FolderInUseError } = await import("../runner/files/folder-lock.ts");
    const { defaultCapacity } = await import("../runner/runner-options.ts");
    for (let number = 0; ; number++) {
      try {
        return await startRunner({
          server: this.#server,
          token,
          data: join(this.#data, String(number)),
          layers: join(this.#data, "layers"),
          capacity: defaultCapacity(),
          keyring: this.#keyring,
          allow: this.#allow,
          ...this.#steps,
          isLasting: this.#isLasting,
          savesCaches: this.#savesCaches,
          print: () => {},
          dismissed: () => this.#dismissed.resolve(),
          // The build ended before this machine was ready.
          refused: () => this.#dismissed.resolve(),
          unable: (reason) => {
            this.#dismissed.resolve();
            if (!this.#isShared) this.#failed.reject(this.#unable(reason));
          },
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

  /** Whether other runners may execute the steps when this machine cannot. */
  get #isShared(): boolean {
    const { runner, secrets = [], ssh = [] } = this.#offer ?? {};
    return runner !== "only" && secrets.length + ssh.length === 0;
  }

  #unable(reason: string): MachineError {
    return new MachineError(`This machine cannot execute the steps of the build: ${reason}`, {
      hint: "Use --runner=pool to execute them on the server's runners, which then receive the secrets.",
    });
  }

  /** Declines the work, so that the server does not wait for this machine. */
  async #decline(token: string): Promise<Pick<Runner, "close">> {
    const { ServerConnection } = await import("../runner/server/connection.ts");
    const connection = new ServerConnection(
      new URL(this.#server),
      { token },
      {
        hello: () => ({ type: "hello", instance: "", platforms: [], capacity: 1, labels: {} }),
        message: () => {},
      },
    );
    this.#dismissed.resolve();
    return { close: () => connection.close() };
  }
}

/**
 * The offer to the server. A local server usually has a runner on this machine, so this one is a spare, unless it has
 * secrets or permissions that the other lacks.
 */
function modeOf(place: RunnerPlace, server: string, isSpecial: boolean): ClientRunner["runner"] | undefined {
  if (place === "local") return "only";
  if (place === "pool" || process.platform !== "linux") return undefined;
  return isLoopbackHost(new URL(server).host) && !isSpecial ? "spare" : "first";
}
