import type { CompressedSegment } from "../../src/layers/segment-work.ts";
import type { SegmentTask } from "../../src/layers/segments.ts";
import { remoteStore } from "../../src/store/remote-store.ts";
import type { Env } from "../../src/worker/environment.ts";
import app, * as varve from "../../src/worker/index.ts";
import { type Limits, limitsWith } from "./limits.ts";
import { outsideBucket } from "./outside-bucket.ts";
import { Invocation, invocations, Platform } from "./platform.ts";
import { strictBucket } from "./strict-bucket.ts";
import { strictNamespace } from "./strict-namespace.ts";

// The Worker of varve, unchanged, with bindings that enforce the limits of the platform.

interface LabEnv extends Env {
  /** JSON: settings of the lab that are not the default. */
  EDGE_LIMITS: string;
  /** URL of the CPU time of the runtime in milliseconds: measures work on large layers. */
  EDGE_CPU?: string;
  /** A store outside of the runtime, which is then the bucket. */
  EDGE_OBJECTS?: Fetcher;
  EDGE_FILES?: Fetcher;
  /** The Worker in another isolate, as at another location. */
  ELSEWHERE?: Fetcher;
}

/** One for the isolate, in which the Worker and all its Durable Objects run. */
let platform: Platform | undefined;

function strict<E extends Env>(env: E): E {
  const { EDGE_LIMITS, EDGE_OBJECTS, EDGE_FILES } = env as unknown as LabEnv;
  platform ??= new Platform(limitsWith(JSON.parse(EDGE_LIMITS) as Partial<Limits>));
  const bucket =
    EDGE_OBJECTS && EDGE_FILES ? outsideBucket(remoteStore(EDGE_OBJECTS, EDGE_FILES)) : env.BUCKET;
  return {
    ...env,
    BUCKET: strictBucket(bucket, platform),
    CACHE: strictNamespace(env.CACHE, platform),
  };
}

type ObjectClass = new (ctx: DurableObjectState, env: Env) => object;

/** Counts rows that an object reads and writes, which are billed. */
function countRows({ storage }: DurableObjectState): void {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  Object.defineProperty(sql, "exec", {
    value(...args: Parameters<typeof exec>) {
      const cursor = exec(...args);
      // Rows of a cursor are counted when the task that reads it has ended.
      setTimeout(() => {
        platform?.count("sql.read", cursor.rowsRead);
        platform?.count("sql.written", cursor.rowsWritten);
      });
      return cursor;
    },
  });
  for (const name of ["put", "delete", "setAlarm"] as const) {
    const act = storage[name].bind(storage) as (...args: unknown[]) => unknown;
    Object.defineProperty(storage, name, {
      value(...args: unknown[]) {
        const [first] = args;
        const isMap = name === "put" && typeof first === "object" && first !== null;
        platform?.count(
          "sql.written",
          Array.isArray(first) ? first.length : isMap ? Object.keys(first).length : 1,
        );
        return act(...args);
      },
    });
  }
}

/** A Durable Object with strict bindings. All calls of an instance count as one invocation. */
function strictObject<Class extends ObjectClass>(Base: Class): Class {
  const own = new WeakMap<object, Invocation>();
  const Strict = class extends (Base as ObjectClass) {
    constructor(ctx: DurableObjectState, env: Env) {
      countRows(ctx);
      super(ctx, strict(env));
      own.set(this, new Invocation());
    }

    /** Ends the instance, as an eviction or a deploy does. */
    evict(): void {
      const { ctx } = this as unknown as { ctx: DurableObjectState };
      ctx.abort("The lab evicts the object");
    }
  };
  for (const name of Object.getOwnPropertyNames(Base.prototype)) {
    const { value } = Object.getOwnPropertyDescriptor(Base.prototype, name) ?? {};
    if (name === "constructor" || typeof value !== "function") continue;
    Object.defineProperty(Strict.prototype, name, {
      value(this: object, ...args: unknown[]) {
        if (platform !== undefined) {
          const { objectCalls } = platform.observed;
          objectCalls[Base.name] = (objectCalls[Base.name] ?? 0) + 1;
        }
        return invocations.run(own.get(this) ?? new Invocation(), () => value.apply(this, args));
      },
    });
  }
  return Strict as Class;
}

export const Build = strictObject(varve.Build);
export const Runners = strictObject(varve.Runners);
export const Access = strictObject(varve.Access);
export const CacheMount = strictObject(varve.CacheMount);
export const Collector = strictObject(varve.Collector);
export const Metrics = strictObject(varve.Metrics);
/** Ends with the work that is being measured. */
let measuring: Promise<unknown> = Promise.resolve();

/** Measures work while no other work on large layers is executed. */
async function measured<T>(env: LabEnv, name: string, work: () => Promise<T>): Promise<T> {
  const { EDGE_CPU } = env;
  if (EDGE_CPU === undefined) return work();
  const cpu = async () => Number(await (await fetch(EDGE_CPU)).text());
  const run = measuring.then(async () => {
    const before = await cpu();
    const result = await work();
    const used = (await cpu()) - before;
    if (platform !== undefined) {
      const { cpu: times } = platform.observed;
      times[name] = [...(times[name] ?? []), used];
    }
    return result;
  });
  measuring = run.catch(() => {});
  return run;
}

/** Counts the work on large layers, and waits where a test interrupts it. */
export class LayerSegments extends strictObject(varve.LayerSegments) {
  override async compress(task: SegmentTask): Promise<CompressedSegment> {
    if (platform === undefined) return super.compress(task);
    while (++platform.startedSegments > platform.mostSegments) {
      platform.startedSegments -= 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const segment = await measured(this.#env, "compress", () => super.compress(task));
    const { segments } = platform.observed;
    if (segment.compressed === 0) return segment;
    const bytes = segment.chunks.reduce((sum, { size }) => sum + size, 0);
    segments.count += 1;
    segments.chunks += segment.compressed;
    segments.mostBytes = Math.max(segments.mostBytes, bytes);
    return segment;
  }

  override hash(...args: Parameters<varve.LayerSegments["hash"]>) {
    return measured(this.#env, "hash", () => super.hash(...args));
  }

  override put(...args: Parameters<varve.LayerSegments["put"]>) {
    return measured(this.#env, "put", () => super.put(...args));
  }

  override recompress(...args: Parameters<varve.LayerSegments["recompress"]>) {
    return measured(this.#env, "recompress", () => super.recompress(...args));
  }

  override read(...args: Parameters<varve.LayerSegments["read"]>) {
    const [, , part] = args;
    return measured(this.#env, `read ${part}`, () => super.read(...args));
  }

  override compressSent(...args: Parameters<varve.LayerSegments["compressSent"]>) {
    return measured(this.#env, "compress sent", () => super.compressSent(...args));
  }

  override convert(...args: Parameters<varve.LayerSegments["convert"]>) {
    return measured(this.#env, "convert", () => super.convert(...args));
  }

  override receive(...args: Parameters<varve.LayerSegments["receive"]>) {
    return measured(this.#env, "receive", () => super.receive(...args));
  }

  get #env(): LabEnv {
    return this.env as LabEnv;
  }
}

/** An older version, which neither reads layers of other registries or archives nor compresses layers again. */
export class OldLayerSegments extends LayerSegments {}
const newer = [
  ...["read", "recompress", "stopRecompress", "compressSent"],
  ...["convert", "stopConvert", "receive", "stopReceive"],
];
for (const method of newer) Object.defineProperty(OldLayerSegments.prototype, method, { value: undefined });

export default {
  async fetch(request: Request, env: LabEnv, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (env.ELSEWHERE && request.headers.has("lab-elsewhere")) return env.ELSEWHERE.fetch(request);
    if (pathname === "/_lab/observed") return Response.json(platform?.observed ?? {});
    if (pathname === "/_lab/segments") {
      strict(env);
      if (platform !== undefined)
        platform.mostSegments = platform.startedSegments + Number(searchParams.get("more"));
      return new Response();
    }
    if (pathname === "/_lab/evict") {
      const namespace = env[(searchParams.get("binding") ?? "BUILDS") as "BUILDS"];
      const object = namespace.getByName(searchParams.get("name") ?? "");
      // The call does not return, because its object was evicted.
      await (object as unknown as { evict(): Promise<void> }).evict().catch(() => {});
      return new Response();
    }
    strict(env);
    platform?.count("requests");
    return invocations.run(new Invocation(), () => app.fetch(request, strict(env), ctx));
  },
};
