import { Hono } from "hono";
import { type Insights, insightsQuery } from "../../../schemas/build.ts";
import { insightsOf } from "../../engine/explain/insights.ts";
import { displayRepository } from "../../registry/names.ts";
import type { App } from "../environment.ts";
import { readImage } from "../images/archive.ts";
import { storeOf } from "../store.ts";
import { lastEnded } from "./build-history.ts";

/** `GET /v1/insights?image=<name>&n=<runs>`: statistics of the last runs of an image. */
export const insights = new Hono<App>();

insights.get("/", async (c) => {
  const url = new URL(c.req.url);
  const { image, n } = insightsQuery.parse(c.req.query());
  const { name } = readImage(image, url.host);
  const { access } = c.var;
  const isSeen = (repositories: readonly string[]) => access.allows({ right: "pull", repositories });
  const runs = await lastEnded(storeOf(c.env), isSeen, { repository: name, n });
  return c.json(insightsOf(displayRepository(name), runs) satisfies Insights);
});
