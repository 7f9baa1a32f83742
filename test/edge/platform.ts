import { AsyncLocalStorage } from "node:async_hooks";
import { type Limits, randomFrom } from "./limits.ts";

/** Rejected operations of a lab, and the maximum use of one invocation. */
export interface Observed {
  kvBusy: number;
  kvStale: number;
  r2Busy: number;
  r2Faults: number;
  r2Unreported: number;
  subrequests: number;
  /** Calls of Durable Objects by class. */
  objectCalls: Record<string, number>;
  /** Finished and rejected operations of bindings and of the storage of Durable Objects, by name: `r2.put`, `sql.written`. */
  operations: Record<string, number>;
  /** Segments of large layers that were compressed, with their chunks, and the bytes of the largest. */
  segments: { count: number; chunks: number; mostBytes: number };
  /** Milliseconds of CPU of each piece of work on large layers, by name. Only with `LabOptions.cpu`. */
  cpu: Record<string, number[]>;
}

/** The state that all bindings of an isolate share. */
export class Platform {
  readonly limits: Limits;
  readonly random: () => number;
  readonly observed: Observed = {
    kvBusy: 0,
    kvStale: 0,
    r2Busy: 0,
    r2Faults: 0,
    r2Unreported: 0,
    subrequests: 0,
    objectCalls: {},
    operations: {},
    segments: { count: 0, chunks: 0, mostBytes: 0 },
    cpu: {},
  };
  /** Segments that may be compressed until the lab continues. */
  mostSegments = Number.POSITIVE_INFINITY;
  startedSegments = 0;
  readonly #written = new Map<string, number>();

  constructor(limits: Limits) {
    this.limits = limits;
    this.random = randomFrom(limits.seed);
  }

  /** Counts operations of a kind. */
  count(name: string, number = 1): void {
    this.observed.operations[name] = (this.observed.operations[name] ?? 0) + number;
  }

  /** Whether a key may be written now. If so, records the write. */
  mayWrite(key: string, interval: number): boolean {
    const now = Date.now();
    if (now - (this.#written.get(key) ?? Number.NEGATIVE_INFINITY) < interval) return false;
    this.#written.set(key, now);
    return true;
  }
}

/** One request to the Worker, or one instance of a Durable Object. */
export class Invocation {
  count = 0;
  open = 0;
  readonly waiting: (() => void)[] = [];
}

/** The invocation in which code runs. */
export const invocations = new AsyncLocalStorage<Invocation>();

/** Executes an operation of a binding, and counts it for its invocation, of which six wait for an answer at a time. */
export async function useBinding<T>({ limits, observed }: Platform, operation: () => Promise<T>): Promise<T> {
  const invocation = invocations.getStore() ?? new Invocation();
  invocation.count += 1;
  observed.subrequests = Math.max(observed.subrequests, invocation.count);
  if (invocation.count > limits.subrequests) throw new Error("Too many subrequests.");
  if (invocation.open >= limits.connections) {
    await new Promise<void>((resolve) => invocation.waiting.push(resolve));
  }
  invocation.open += 1;
  try {
    return await operation();
  } finally {
    invocation.open -= 1;
    invocation.waiting.shift()?.();
  }
}
