import { Hono } from "hono";
import { openApi } from "../../schemas/openapi.ts";
import { handleRegistry } from "../registry/handle.ts";
import { builds } from "./builds.ts";
import { check } from "./check.ts";
import { contexts } from "./contexts.ts";
import { docs } from "./docs.ts";
import type { Env } from "./environment.ts";
import { loopbackWrites } from "./guard.ts";
import { images } from "./images/routes.ts";
import { jobs } from "./jobs.ts";
import { packs } from "./packs.ts";
import { ProblemError, problemOf, problemResponse } from "./problem.ts";
import { runners } from "./runners.ts";
import { scrub } from "./scrub.ts";
import { storeOf } from "./store.ts";

export { Build } from "./build-object.ts";
export { Runners } from "./runners-object.ts";

const app = new Hono<{ Bindings: Env }>();

// A job has a token of its own, wherever its runner is.
app.route("/v1/jobs", jobs);
app.use(loopbackWrites());
app.get("/healthz", (c) => c.text("ok"));
app.get("/openapi.json", (c) => c.json(openApi()));
app.route("/docs", docs);
app.route("/v1/builds", builds);
app.route("/v1/check", check);
app.route("/v1/contexts", contexts);
app.route("/v1/images", images);
app.route("/v1/packs", packs);
app.route("/v1/runners", runners);
app.route("/v1/scrub", scrub);
app.all("/v2/*", (c) => handleRegistry(c.req.raw, { store: storeOf(c.env) }));
app.notFound((c) => {
  throw new ProblemError({
    status: 404,
    code: "no-such-route",
    title: "There is nothing here",
    detail: `Cannot ${c.req.method} ${c.req.path}`,
    hint: "GET /openapi.json describes what there is.",
  });
});
app.onError((error) => problemResponse(problemOf(error)));

export default app;
