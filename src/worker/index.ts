import { Hono } from "hono";
import { openApi } from "../../schemas/openapi.ts";
import { RETRY_AFTER_S, storageBusyError, storageFullError } from "../registry/errors.ts";
import { RestrictedRegistry } from "../registry/restricted.ts";
import { handleRegistry } from "../registry/server/handle.ts";
import { drainBody } from "../registry/server/incoming.ts";
import { errorResponse } from "../registry/server/responses.ts";
import { isStoreFull } from "../store/object-store.ts";
import { isStoreBusy } from "../store/retry.ts";
import { AccessError } from "./access/denial.ts";
import { gate, problemOfAccess } from "./access/gate.ts";
import { accessSettingsRoutes } from "./access/settings-routes.ts";
import { tokenEndpoint } from "./access/token-endpoint.ts";
import { tokens } from "./access/token-routes.ts";
import { check } from "./builds/check.ts";
import { insights } from "./builds/insights.ts";
import { plan } from "./builds/plan.ts";
import { builds } from "./builds/routes.ts";
import { packs } from "./contexts/packs.ts";
import { contexts } from "./contexts/routes.ts";
import { serveEngine } from "./engine-api/routes.ts";
import type { App } from "./environment.ts";
import { docs } from "./http/docs.ts";
import { behindFront } from "./http/front.ts";
import { explainFullDisk } from "./http/full-disk.ts";
import { isObjectInterrupted } from "./http/object-interrupted.ts";
import { ProblemError, problemOf, problemResponse } from "./http/problem.ts";
import { safeInBrowsers } from "./http/safe-in-browsers.ts";
import { readUploadedBody } from "./http/uploaded-body.ts";
import { images } from "./images/routes.ts";
import { jobs } from "./jobs/routes.ts";
import { monitoring } from "./operation/monitoring.ts";
import { pruneDaily, pruneRoutes, usageRoutes } from "./operation/prune.ts";
import { requestLog } from "./operation/request-log.ts";
import { scrubRoutes } from "./operation/scrub.ts";
import { ownRegistry } from "./own-registry.ts";
import { imageContainers } from "./runners/image-containers.ts";
import { runners } from "./runners/routes.ts";

export { Access } from "./access/access-object.ts";
export { Build } from "./builds/build-object.ts";
export { LayerSegments } from "./builds/layer-segments-object.ts";
export { CacheMount } from "./cache-mounts/cache-mount-object.ts";
export { Collector } from "./operation/collector-object.ts";
export { Metrics } from "./operation/metrics-object.ts";
export { RunnerContainer } from "./runners/runner-container.ts";
export { Runners } from "./runners/runners-object.ts";

// Route by the same undecoded path as the gate. Otherwise an encoded path could reach a route that the gate did not check.
const app = new Hono<App>({ getPath: ({ url }) => new URL(url).pathname });

app.use(requestLog());
app.use(behindFront());
app.use(safeInBrowsers());
app.use(gate());
app.use("/v1/builds", readUploadedBody());
app.use("/v1/images/load", readUploadedBody());
app.get("/healthz", (c) => c.text("ok"));
app.get("/openapi.json", (c) => c.json(openApi()));
app.route("/", monitoring);
app.route("/docs", docs);
app.route("/v1/access", accessSettingsRoutes);
app.route("/v1/builds", builds);
app.route("/v1/insights", insights);
app.route("/v1/check", check);
app.route("/v1/containers", imageContainers);
app.route("/v1/contexts", contexts);
app.route("/v1/images", images);
app.route("/v1/jobs", jobs);
app.route("/v1/packs", packs);
app.route("/v1/plan", plan);
app.route("/v1/prune", pruneRoutes);
app.route("/v1/runners", runners);
app.route("/v1/scrub", scrubRoutes);
app.route("/v1/tokens", tokens);
app.route("/v1/usage", usageRoutes);
app.route("/v2/token", tokenEndpoint);
app.all("/v2/*", (c) => {
  const { access } = c.var;
  const registry = new RestrictedRegistry(ownRegistry(c.env), (right, name) =>
    access.allows({ right, repositories: [name] }),
  );
  return handleRegistry(c.req.raw, registry, { isPublic: (name) => access.isPublic(name) });
});
app.all("*", async (c, next) => {
  const response = await serveEngine(c.req.raw, c.env, c.var.access);
  if (response === undefined) await next();
  else c.res = response;
});
app.notFound((c) => {
  throw new ProblemError("no-such-route", {
    detail: `Cannot ${c.req.method} ${c.req.path}`,
    hint: "GET /openapi.json describes all routes.",
  });
});
app.onError(async (error, c) => {
  // Read the rest of the body, because a client whose upload is cut off does not receive the response.
  await drainBody(c.req.raw);
  const thrown = error instanceof AccessError ? problemOfAccess(error) : await explainFullDisk(error, c.env);
  if (c.req.path.startsWith("/v2/")) {
    if (isStoreFull(thrown)) return errorResponse(storageFullError(), c.req.method);
    if (isStoreBusy(thrown) || isObjectInterrupted(thrown))
      return errorResponse(storageBusyError(), c.req.method);
  }
  return problemResponse(problemOf(thrown), headersOf(thrown));
});

/** Response headers of an error, such as a challenge or `retry-after`. */
function headersOf(thrown: unknown): Readonly<Record<string, string>> {
  if (isStoreBusy(thrown) || isObjectInterrupted(thrown)) return { "retry-after": String(RETRY_AFTER_S) };
  return thrown instanceof ProblemError ? thrown.headers : {};
}

export default Object.assign(app, {
  async scheduled({ scheduledTime }: ScheduledController, env: App["Bindings"]): Promise<void> {
    await pruneDaily(env, scheduledTime);
  },
});
