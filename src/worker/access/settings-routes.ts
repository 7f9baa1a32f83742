import { Hono } from "hono";
import { accessSettings as schema } from "../../../schemas/access.ts";
import type { App } from "../environment.ts";
import { parseRequestJson } from "../http/parse-json.ts";
import { readRequestText } from "../http/request-body.ts";
import { ofAllPools } from "../runners/runners-service.ts";
import { accessObject } from "./access-service.ts";
import { forgetAccess } from "./callers.ts";

/** Maximum size in bytes of a request. */
const MAX_BODY = 1024 * 1024;

/** `/v1/access`: the public repositories and the trusted OIDC issuers, without those of the Worker's variables. */
export const accessSettingsRoutes = new Hono<App>();

accessSettingsRoutes.get("/", async (c) => c.json(await accessObject(c.env).settings()));

accessSettingsRoutes.put("/", async (c) => {
  const settings = schema.parse(parseRequestJson(await readRequestText(c.req.raw, MAX_BODY)));
  await accessObject(c.env).keepSettings(settings);
  forgetAccess();
  await ofAllPools(c.env, (runners) => runners.review());
  return c.json(settings);
});
