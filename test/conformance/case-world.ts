import type { BuildInputs } from "../../schemas/build.ts";
import type { BuildResult } from "../../schemas/events.ts";
import { type BuildOptions, buildOptions } from "../../schemas/options.ts";
import { openBuild } from "../../src/build/build.ts";
import type { Emit } from "../../src/build/build-trees.ts";
import { readInputs } from "../../src/build/inputs.ts";
import type { BuildMemory, LayerRecord } from "../../src/build/step-cache.ts";
import type { World } from "../../src/build/world.ts";
import type { Context } from "../../src/context/context.ts";
import { saveContext } from "../../src/context/store.ts";
import { checkedFetch } from "../../src/registry/checked-fetch.ts";
import { PullThrough } from "../../src/registry/pull.ts";
import { Upstream } from "../../src/registry/upstream.ts";
import type { CacheStore } from "../../src/store/cache-store.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { type ContextFiles, caseContext } from "./case-context.ts";
import { type CaseInputs, namedContexts, stubEpoch } from "./integration-case.ts";
import { stubInputs } from "./stub-image.ts";

/** The host whose images lie in the store of the cases. */
const ownHost = "cases.invalid";
const stubImage = `${ownHost}/stub`;

/** What a case asks for, beside its Dockerfile and context. */
export interface Asked {
  options?: Partial<{ [Name in keyof BuildOptions]: BuildOptions[Name] | undefined }>;
  dockerfileName?: string;
  /** The Dockerfile lies in the context, or beside it. */
  dockerfileInContext?: boolean;
  dockerfileDirFiles?: ContextFiles;
}

/** Builds cases with the engine: its store in memory, the stub of the bases in it, no registry within reach. */
export class CaseWorld {
  readonly store: ObjectStore = memoryStore();
  readonly #images: PullThrough;
  #made = 0;

  private constructor() {
    const upstream = new Upstream({ policy: { allowLoopback: false }, tries: 1, fetch: unreachable });
    const isOwnHost = (host: string) => host === ownHost;
    this.#images = new PullThrough({ store: this.store, cache: memoryCache(), upstream, isOwnHost });
  }

  static async open(): Promise<CaseWorld> {
    const world = new CaseWorld();
    await world.build(await stubInputs(), memoryCache(), {
      options: { tags: [stubImage], sourceDateEpoch: stubEpoch },
    });
    return world;
  }

  /**
   * Builds, with what the cache knows.
   *
   * @throws what is wrong with the inputs or a step
   */
  async build(
    given: CaseInputs,
    cache: CacheStore,
    asked: Asked = {},
    emit: Emit = () => {},
  ): Promise<BuildResult> {
    const build = await openBuild(await this.#inputs(given, asked), this.#world(cache), memory());
    return build.run(emit, new AbortController().signal);
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
      () => stubImage,
      async (_, context) => {
        if ("files" in context) return (await this.#context(context.files)).digest;
        const image = `${ownHost}/case-${++this.#made}`;
        await this.build(context.image, memoryCache(), {
          options: { tags: [image], sourceDateEpoch: stubEpoch },
        });
        return `docker-image://${image}`;
      },
    );
  }

  async #context(files: ContextFiles): Promise<Context> {
    const context = await caseContext(this.store, files);
    await saveContext(this.store, context);
    return context;
  }

  #world(cache: CacheStore): World {
    const fetch = checkedFetch({ allowLoopback: true, allowPlainHttp: true });
    return { store: this.store, cache, images: this.#images, fetch, layerMemory: 2 ** 20 };
  }
}

async function unreachable(url: string): Promise<never> {
  throw new TypeError(`there is no network to ask for ${url}`);
}

function memory(): BuildMemory {
  const records = new Map<string, LayerRecord>();
  return {
    recall: (keys) => new Map([...records].filter(([key]) => keys.includes(key))),
    remember: (key, record) => records.set(key, record),
  };
}
