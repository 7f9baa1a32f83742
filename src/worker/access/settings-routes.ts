import { Hono } from "hono";
import { accessSettings as schema } from "../../../schemas/access.ts";
import { collect } from "../../streams/collect.ts";
import type { App } from "../environment.ts";
import { parseJson } from "../http/parse-json.ts";
import { received } from "../http/received.ts";
import { runnersOf } from "../runners/runners-service.ts";
import { accessObject } from "./access-service.ts";
import { forgetAccess } from "./callers.ts";

/** Bytes of a request. */
const largest = 1024 * 1024;

/** `/v1/access`: what is public, and whose OIDC tokens are taken for what. Those of the settings are not among them. */
export const accessSettings = new Hono<App>();

accessSettings.get("/", async (c) => c.json(await accessObject(c.env).settings()));

accessSettings.put("/", async (c) => {
  const text = new TextDecoder().decode(await collect(received(c.req.raw), largest));
  const settings = schema.parse(parseJson(text));
  await accessObject(c.env).keepSettings(settings);
  forgetAccess();
  await runnersOf(c.env).review();
  return c.json(settings);
});
