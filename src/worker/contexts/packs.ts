import { Hono } from "hono";
import type { PackState } from "../../../schemas/contexts.ts";
import { PackError } from "../../context/pack-error.ts";
import { MAX_PACK } from "../../context/pack-header.ts";
import { ContextScope } from "../../context/scope.ts";
import { VerifiedPack } from "../../context/verify-pack.ts";
import type { Env } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestBody } from "../http/request-body.ts";
import { storeOf } from "../store.ts";
import { invalidPack, readDigest, readScope, unknownPack } from "./routes.ts";

/** `/v1/packs/<digest>`: contents of the files of contexts. */
export const packs = new Hono<{ Bindings: Env }>();

packs.put("/:digest", async (c) => {
  const digest = readDigest(c.req.param("digest"));
  const scope = new ContextScope(storeOf(c.env), readScope(new URL(c.req.url)));
  const size = readSize(c.req.header("content-length"));
  const body = readRequestBody(c.req.raw);
  if (await scope.hasPack(digest)) {
    // Read the rest, because a client whose upload is cut off does not receive the response.
    for await (const _ of body);
    return c.json({ digest } satisfies PackState);
  }
  const pack = new VerifiedPack(body, digest, size);
  try {
    await scope.putPack(digest, pack, size);
  } catch (error) {
    if (error instanceof PackError) throw invalidPack(error.message);
    throw error;
  }
  return c.json({ digest } satisfies PackState, 201);
});

packs.get("/:digest", async (c) => hasPack(c.env, c.req.param("digest"), new URL(c.req.url)));

async function hasPack(env: Env, text: string, url: URL): Promise<Response> {
  const digest = readDigest(text);
  const scope = new ContextScope(storeOf(env), readScope(url));
  if (await scope.hasPack(digest)) return Response.json({ digest } satisfies PackState);
  throw unknownPack(digest);
}

function readSize(length: string | undefined): number {
  const size = Number(length);
  if (length === undefined || !Number.isSafeInteger(size)) {
    throw new ProblemError("length-required", {
      detail: "Cannot accept a pack without a Content-Length",
    });
  }
  if (size <= MAX_PACK) return size;
  throw new ProblemError("pack-too-large", {
    detail: `Cannot accept a pack of ${size} bytes: the maximum is ${MAX_PACK}`,
    hint: "Put the files into several packs.",
  });
}
