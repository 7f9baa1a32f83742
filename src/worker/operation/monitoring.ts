import { Hono } from "hono";
import type { App } from "../environment.ts";
import { runnersOf } from "../runners/runners-service.ts";
import { sendNow } from "./counts.ts";
import { checkHealth } from "./health.ts";
import { type Gauges, prometheusText } from "./metrics.ts";
import { metricsObject } from "./metrics-service.ts";

/** Routes of `/metrics` and `/v1/health`. */
export const monitoring = new Hono<App>();

monitoring.get("/metrics", async (c) => {
  await sendNow(c.env);
  const [samples, load] = await Promise.all([metricsObject(c.env).read(), runnersOf(c.env).load()]);
  const gauges: Gauges = {
    varve_runners: { help: "Connected runners of the pool.", value: load.runners },
    varve_runner_processes: { help: "Processes that they execute at a time.", value: load.capacity },
    varve_jobs_queued: { help: "Jobs that wait for a runner.", value: load.queued },
    varve_jobs_running: { help: "Jobs that runners execute.", value: load.running },
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
