import { Hono } from "hono";
import { CompressionError } from "../compression/error.ts";
import { ingestTar } from "../context/ingest.ts";
import { saveContext } from "../context/store.ts";
import { blobKey } from "../oci/content-key.ts";
import { EntryError } from "../rootfs/table-builder.ts";
import { TarError } from "../tar/error.ts";
import type { Env } from "./environment.ts";
import { diffKey } from "./job-table.ts";
import { ProblemError } from "./problem.ts";
import { received } from "./received.ts";
import { runnersOf } from "./remote-runners.ts";
import { storeOf } from "./store.ts";

/** `/v1/jobs/<id>`: the bytes of a job, for the runner that has its token. */
export const jobs = new Hono<{ Bindings: Env }>();

jobs.get("/:id/blobs/:digest", async (c) => {
  const { id, digest } = c.req.param();
  const layers = await layersOf(c.env, id, c.req.header("authorization"));
  const store = storeOf(c.env);
  const blob = layers.includes(digest) ? await store.head(blobKey(digest)) : undefined;
  const body = blob && (await store.get(blob.key));
  if (body === undefined) {
    throw new ProblemError({
      status: 404,
      code: "blob-unknown",
      title: "There is no such layer",
      detail: `Cannot read ${digest}: it is no layer of this job`,
    });
  }
  return new Response(body, {
    headers: { "content-type": "application/octet-stream", "content-length": String(blob?.size) },
  });
});

jobs.put("/:id/diff", async (c) => {
  const { id } = c.req.param();
  await layersOf(c.env, id, c.req.header("authorization"));
  const store = storeOf(c.env);
  try {
    const diff = await ingestTar(received(c.req.raw), { store });
    await saveContext(store, diff, diffKey(id));
  } catch (error) {
    if (error instanceof TarError || error instanceof CompressionError || error instanceof EntryError) {
      throw new ProblemError({
        status: 400,
        code: "diff-invalid",
        title: "The archive of the upper directory is not valid",
        detail: error.message,
      });
    }
    throw error;
  }
  await runnersOf(c.env).keepDiff(id);
  return c.body(null, 204);
});

/** The layers of a job. @throws ProblemError for anybody but its runner */
async function layersOf(env: Env, id: string, authorization: string | undefined): Promise<string[]> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  const layers = token === undefined ? undefined : await runnersOf(env).layersFor(id, token);
  if (layers !== undefined) return layers;
  throw new ProblemError({
    status: 401,
    code: "job-denied",
    title: "This is not the token of a job that runs",
    detail: `Cannot serve the job "${id}": its token is not right, or the job has ended`,
  });
}
