import { Hono } from "hono";
import type { App } from "../environment.ts";
import { type Load, ofAllPools } from "../runners/runners-service.ts";
import { sendNow } from "./counts.ts";
import { checkHealth } from "./health.ts";
import { type Gauges, prometheusText } from "./metrics.ts";
import { metricsObject } from "./metrics-service.ts";

/** Routes of `/metrics` and `/v1/health`. */
export const monitoring = new Hono<App>();

monitoring.get("/metrics", async (c) => {
  await sendNow(c.env);
  const [samples, loads] = await Promise.all([
    metricsObject(c.env).read(),
    ofAllPools(c.env, (runners) => runners.load()),
  ]);
  const gauge = (help: string, value: keyof Load) => ({
    help,
    values: Object.fromEntries(loads.map(([{ name }, load]) => [`{pool="${name}"}`, load[value]])),
  });
  const gauges: Gauges = {
    varve_runners: gauge("Connected runners of the pool.", "runners"),
    varve_runner_processes: gauge("Processes that they execute at a time.", "capacity"),
    varve_jobs_queued: gauge("Jobs that wait for a runner.", "queued"),
    varve_jobs_running: gauge("Jobs that runners execute.", "running"),
  };
  return c.text(prometheusText(samples, gauges), 200, {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "cache-control": "no-store",
  });
});

monitoring.get("/v1/health", async (c) => {
  const health = await checkHealth(c.env);
  return c.json(health, health.status === "failed" ? 503 : 200, { "cache-control": "no-store" });
});
