import type { BuildInputs } from "../../schemas/build.ts";
import type { BuildResult } from "../../schemas/events.ts";
import { type BuildOptions, buildOptions } from "../../schemas/options.ts";
import type { Context } from "../../src/context/context.ts";
import { saveContext } from "../../src/context/store.ts";
import { prepareBuild, runBuild } from "../../src/engine/build.ts";
import type { Emit } from "../../src/engine/emit.ts";
import { readInputs } from "../../src/engine/inputs.ts";
import { planBuild } from "../../src/engine/plan-build.ts";
import type { RunnerPool, Secrets } from "../../src/engine/run/runners.ts";
import { checkedFetch } from "../../src/network/checked-fetch.ts";
import type { CacheStore } from "../../src/store/cache-store.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { echoRunner } from "../helpers/echo-runner.ts";
import { buildMemory, memoryWorld, OWN_HOST } from "../helpers/memory-world.ts";
import { type ContextFiles, caseContext } from "./case-context.ts";
import { type CaseInputs, namedContexts, stubEpoch } from "./integration-case.ts";
import { stubInputs } from "./stub-image.ts";

const stubName = "stub";

/** The options of a case besides its Dockerfile and context. */
interface Asked {
  options?: Partial<{ [Name in keyof BuildOptions]: BuildOptions[Name] | undefined }>;
  dockerfileName?: string;
  /** Whether the Dockerfile is in the context or beside it. */
  dockerfileInContext?: boolean;
  dockerfileDirFiles?: ContextFiles;
  /** By id. */
  secrets?: Record<string, string>;
}

function secretsOf(given: Record<string, string>): Secrets {
  return {
    value: (id) => {
      const text = given[id];
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    isHeld: () => false,
    isForwarded: () => false,
  };
}

/** Builds cases with the engine, with a store in memory that contains the stub of the bases, and without registries. */
export class CaseWorld {
  readonly store: ObjectStore = memoryStore();
  /** Execute RUN. */
  runners: RunnerPool = echoRunner(this.store);
  readonly #fetch = checkedFetch({ allowLoopback: true, allowPlainHttp: true });
  #made = 0;

  static async open(): Promise<CaseWorld> {
    const world = new CaseWorld();
    await world.build(await stubInputs(), memoryCache(), {
      options: { tags: [stubName], sourceDateEpoch: stubEpoch },
    });
    return world;
  }

  /**
   * Builds with the results of earlier builds in the cache.
   * @throws the error of the inputs or of a step
   */
  async build(
    given: CaseInputs,
    cache: CacheStore,
    asked: Asked = {},
    emit: Emit = () => {},
  ): Promise<BuildResult> {
    const world = {
      ...memoryWorld({ store: this.store, cache, fetch: this.#fetch }),
      runners: this.runners,
      ...(asked.secrets && { secrets: secretsOf(asked.secrets) }),
    };
    const prepared = await prepareBuild(await planBuild(await this.#inputs(given, asked), world), world);
    return (await runBuild(prepared, world, buildMemory(), emit, new AbortController().signal)).result;
  }

  async #inputs(given: CaseInputs, asked: Asked): Promise<BuildInputs> {
    const { dockerfileName = "Dockerfile", dockerfileInContext = false, dockerfileDirFiles = {} } = asked;
    const { dockerfile, files = {} } = given;
    const context = await this.#context(files);
    const options = buildOptions.parse({
      timestamps: "preserve",
      ...asked.options,
      dockerfile: dockerfileName,
      contexts: await this.#namedContexts(given),
    });
    const ignore = dockerfileDirFiles[`${dockerfileName}.dockerignore`];
    return readInputs(
      {
        context,
        dockerfile: dockerfileInContext ? undefined : dockerfile,
        ignore: typeof ignore === "string" ? ignore : undefined,
      },
      options,
    );
  }

  #namedContexts(given: CaseInputs): Promise<Record<string, string>> {
    return namedContexts(
      given,
      () => `${OWN_HOST}/${stubName}`,
      async (_, context) => {
        if ("files" in context) return (await this.#context(context.files)).digest;
        const name = `case-${++this.#made}`;
        await this.build(context.image, memoryCache(), {
          options: { tags: [name], sourceDateEpoch: stubEpoch },
        });
        return `docker-image://${OWN_HOST}/${name}`;
      },
    );
  }

  async #context(files: ContextFiles): Promise<Context> {
    const context = await caseContext(this.store, files);
    await saveContext(this.store, context);
    return context;
  }
}
