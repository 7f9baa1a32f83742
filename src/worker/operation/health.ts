import type { Health, HealthStatus } from "../../../schemas/health.ts";
import { inTime } from "../../streams/pause.ts";
import { accessObject } from "../access/access-service.ts";
import type { Env } from "../environment.ts";
import { ofAllPools } from "../runners/runners-service.ts";
import { storeOf } from "../store.ts";
import { collectorOf } from "./collector-service.ts";
import { metricsObject } from "./metrics-service.ts";

/** Timeout of a check, in milliseconds. */
const MAX_CHECK = 10_000;

/** The problem that a check found; undefined for none. */
type Finding = string | undefined;

/** Bindings that the server needs. */
const BINDINGS = [
  "BUCKET",
  "CACHE",
  "BUILDS",
  "LAYER_SEGMENTS",
  "RUNNERS",
  "CACHE_MOUNTS",
  "COLLECTOR",
  "ACCESS",
  "METRICS",
] as const satisfies readonly (keyof Env)[];

/** A check for each part of the server. It throws when the part fails, and returns the problem when it is degraded. */
const checks: Record<string, (env: Env) => Promise<Finding>> = {
  async bindings(env) {
    const missing = BINDINGS.filter((name) => env[name] === undefined);
    if (missing.length > 0)
      throw new Error(
        `The Worker has no binding ${missing.join(", ")}: deploy it with those of wrangler.toml`,
      );
    return undefined;
  },
  async storage(env) {
    const store = storeOf(env);
    const bytes = new TextEncoder().encode(crypto.randomUUID());
    const key = `spool/health-${crypto.randomUUID()}`;
    await store.put(key, bytes, bytes.length);
    const read = await store.getBytes(key);
    await store.delete(key);
    if (String(read) !== String(bytes))
      throw new Error("an object that was read does not have the bytes that were written");
    return undefined;
  },
  async cache({ CACHE }) {
    await CACHE.get(["health"], "json");
    return undefined;
  },
  async access(env) {
    await accessObject(env).settings();
    return undefined;
  },
  async metrics(env) {
    await metricsObject(env).read();
    return undefined;
  },
  async runners(env) {
    const loads = await ofAllPools(env, (runners) => runners.load());
    const waiting = loads.filter(([, { runners, queued }]) => queued > 0 && runners === 0);
    if (waiting.length === 0) return undefined;
    const counts = waiting.map(
      ([{ name }, { queued }]) =>
        `${queued === 1 ? "1 step waits" : `${queued} steps wait`} in the pool ${name}`,
    );
    return `${counts.join(", ")}, and no runner is connected: start one with varve runner`;
  },
  async prune(env) {
    const report = await collectorOf(env).report();
    if (report?.state !== "failed") return undefined;
    return `The last prune failed: ${report.detail ?? "the reason is unknown"}. Start another one with varve prune`;
  },
};

/** Checks all parts of the server in parallel. */
export async function checkHealth(env: Env): Promise<Health> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const began = Date.now();
      const result = (status: HealthStatus, detail?: string) => ({
        name,
        status,
        milliseconds: Date.now() - began,
        ...(detail !== undefined && { detail }),
      });
      try {
        const finding = await inTime(check(env), MAX_CHECK, fail);
        return finding === undefined ? result("ok") : result("degraded", finding);
      } catch (error) {
        return result("failed", error instanceof Error ? error.message : String(error));
      }
    }),
  );
  const worst = (["failed", "degraded"] as const).find((one) => found.some(({ status }) => status === one));
  return { status: worst ?? "ok", checks: found };
}

function fail(): never {
  throw new Error(`No response within ${MAX_CHECK / 1000} seconds`);
}
