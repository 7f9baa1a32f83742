import { Hono } from "hono";
import type { ScrubReport } from "../../../schemas/scrub.ts";
import { scrub as scrubStore } from "../../registry/store/scrub.ts";
import type { Env } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { storeOf } from "../store.ts";

/** Limits of one step: a few seconds of a Worker. */
const step = { maxBytes: 512 * 2 ** 20, maxObjects: 1000 };
/** Maximum length of a key in R2, in bytes. */
const MAX_KEY = 1024;

/** `POST /v1/scrub?after=<key>`: verifies stored objects, one step per request. */
export const scrubRoutes = new Hono<{ Bindings: Env }>();

scrubRoutes.post("/", async (c) => {
  const after = c.req.query("after") ?? "";
  if (after.length > MAX_KEY) {
    throw new ProblemError("invalid-request", {
      detail: `Cannot continue after a key of ${after.length} characters`,
    });
  }
  return c.json((await scrubStore(storeOf(c.env), { ...step, after })) satisfies ScrubReport);
});
