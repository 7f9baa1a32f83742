import type { Env } from "../../../src/worker/environment.ts";
import worker, * as classes from "../../../src/worker/index.ts";

// The Worker, with counters of the operations on its stores. All of its classes are in one isolate, so one table counts
// for all.

/** Operations so far, by store and kind. */
const operations: Record<string, number> = {};

function count(kind: string): void {
  operations[kind] = (operations[kind] ?? 0) + 1;
}

/** Requests to the object server, which replaces R2. An answer that names a file counts as one read. */
const kinds: Record<string, string> = { GET: "R2 read", HEAD: "R2 read", PUT: "R2 write", POST: "R2 write" };

function counted(env: Env): Env {
  const { OBJECTS, CACHE } = env;
  if (OBJECTS === undefined) throw new Error("There is no object server");
  const objects = {
    fetch(input: RequestInfo, init?: RequestInit) {
      const { pathname } = new URL(typeof input === "string" ? input : input.url);
      if (pathname === "/list") count("R2 list");
      else if (pathname === "/delete") count("R2 delete");
      else count(kinds[init?.method ?? "GET"] ?? "R2 other");
      return OBJECTS.fetch(input, init);
    },
  };
  const cache = new Proxy(CACHE, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        count(
          String(name).startsWith("get")
            ? "KV read"
            : `KV ${String(name) === "put" ? "write" : String(name)}`,
        );
        return member.apply(target, args);
      };
    },
  });
  return { ...env, OBJECTS: objects as Fetcher, CACHE: cache };
}

export class Access extends classes.Access {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export class Build extends classes.Build {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export class Metrics extends classes.Metrics {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export class CacheMount extends classes.CacheMount {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export class LayerSegments extends classes.LayerSegments {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export class Collector extends classes.Collector {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export class Runners extends classes.Runners {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
  }
}

export default {
  ...worker,
  fetch(request: Request, env: Env, context: ExecutionContext) {
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/bench/operations") return Response.json(operations);
    return worker.fetch(request as never, counted(env), context);
  },
};
