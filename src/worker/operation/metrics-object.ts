import { DurableObject } from "cloudflare:workers";
import type { Env } from "../environment.ts";
import { addSamples, type Samples } from "./metrics.ts";
import type { MetricsService } from "./metrics-service.ts";

/** Interval at which the sums are stored, in milliseconds. Each write is a billed row. */
const SAVE_MS = 10_000;

export class Metrics extends DurableObject<Env> implements MetricsService {
  readonly #sums: Samples;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sums = ctx.storage.kv.get<Samples>("sums") ?? {};
  }

  async add(samples: Samples): Promise<void> {
    addSamples(this.#sums, samples);
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Date.now() + SAVE_MS);
    }
  }

  async read(): Promise<Samples> {
    return this.#sums;
  }

  override async alarm(): Promise<void> {
    this.ctx.storage.kv.put("sums", this.#sums);
  }
}
