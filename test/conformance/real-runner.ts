import { randomUUID } from "node:crypto";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ingestTar } from "../../src/context/ingest.ts";
import { type RunExecutor, RunFailure, type RunWatcher, type RunWork } from "../../src/engine/run/runners.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { RunnerServer } from "../helpers/runner-server.ts";

/** Has RUN carried out by a runner of this machine's, with what lies in a store. */
export class RealRunner implements RunExecutor, AsyncDisposable {
  readonly #store: ObjectStore;
  readonly #server: RunnerServer;
  readonly #runner: Runner;
  readonly #data: string;

  private constructor(store: ObjectStore, server: RunnerServer, runner: Runner, data: string) {
    this.#store = store;
    this.#server = server;
    this.#runner = runner;
    this.#data = data;
  }

  /** @throws {UnableError} when this machine cannot carry out steps */
  static async start(store: ObjectStore): Promise<RealRunner> {
    const server = await RunnerServer.start();
    const data = await realpath(await mkdtemp(join(tmpdir(), "varve-conformance-")));
    const runner = await startRunner({ server: server.url, token: "any", capacity: 2, tell: () => {}, data });
    return new RealRunner(store, server, runner, data);
  }

  async carryOut(work: RunWork, watcher: RunWatcher) {
    const mounted = work.mounts.flatMap((mount) => ("from" in mount ? (mount.from?.layers ?? []) : []));
    for (const { digest } of [...work.layers, ...mounted]) {
      const bytes = await this.#store.getBytes(blobKey(digest));
      if (bytes !== undefined) this.#server.addBlob(digest, Buffer.from(bytes));
    }
    const job = { ...work, id: randomUUID(), token: randomUUID(), timeoutSeconds: 60 };
    const { diff, failure, log } = await this.#server.run(job);
    watcher.log("stdout", log);
    if (failure !== undefined || diff === undefined) {
      throw new RunFailure(failure ?? { reason: "internal", message: "there is no diff" });
    }
    const { tree } = await ingestTar(once(diff), { store: this.#store });
    return { tree, isConfined: false, close: async () => {} };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner.close(true);
    await this.#server.close();
    await rm(this.#data, { recursive: true, force: true });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
