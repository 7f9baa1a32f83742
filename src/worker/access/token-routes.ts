import { Hono } from "hono";
import { type CreatedToken, type TokenInfo, type TokenList, tokenRequest } from "../../../schemas/access.ts";
import type { App } from "../environment.ts";
import { callObject } from "../http/object-interrupted.ts";
import { parseRequestJson } from "../http/parse-json.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestText } from "../http/request-body.ts";
import { ofAllPools } from "../runners/runners-service.ts";
import { accessObject } from "./access-service.ts";
import { forgetAccess } from "./callers.ts";

/** Maximum size in bytes of a request. */
const MAX_BODY = 64 * 1024;

/** `/v1/tokens`: tokens that the admin issues. */
export const tokens = new Hono<App>();

tokens.post("/", async (c) => {
  const request = tokenRequest.parse(parseRequestJson(await readRequestText(c.req.raw, MAX_BODY)));
  if (request.expires !== undefined && Date.parse(request.expires) <= Date.now()) {
    throw new ProblemError("invalid-request", {
      detail: `Cannot create a token that expires at ${request.expires}: that time has passed`,
    });
  }
  const created: CreatedToken = await accessObject(c.env).createToken(request);
  return c.json(created, 201, { "cache-control": "no-store", location: `/v1/tokens/${created.id}` });
});

tokens.get("/", async (c) => c.json({ tokens: await accessObject(c.env).tokens() } satisfies TokenList));

tokens.delete("/:id", async (c) => {
  const id = c.req.param("id");
  const revoked = await callObject(() => accessObject(c.env).revoke(id));
  forgetAccess();
  await callObject(() => ofAllPools(c.env, (runners) => runners.review()));
  if (revoked !== undefined) return c.json(revoked satisfies TokenInfo);
  throw new ProblemError("token-unknown", {
    detail: `Cannot revoke the token "${id}": there is no such token`,
    hint: "GET /v1/tokens lists them.",
  });
});
