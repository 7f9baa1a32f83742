import { Hono } from "hono";
import { CompressionError } from "../compression/error.ts";
import { ingestTar } from "../context/ingest.ts";
import { saveContext } from "../context/store.ts";
import { blobKey } from "../oci/content-key.ts";
import { EntryError } from "../rootfs/entry-error.ts";
import { TarError } from "../tar/error.ts";
import { cacheMounts } from "./cache-mounts.ts";
import type { Env } from "./environment.ts";
import { diffKey } from "./job-table.ts";
import { requireJob } from "./job-token.ts";
import { ProblemError } from "./problem.ts";
import { received } from "./received.ts";
import { runnersOf } from "./remote-runners.ts";
import { storeOf } from "./store.ts";

/** `/v1/jobs/<id>`: the bytes of a job, for the runner that has its token. */
export const jobs = new Hono<{ Bindings: Env }>();

jobs.route("/", cacheMounts);

jobs.get("/:id/blobs/:digest", async (c) => {
  const { id, digest } = c.req.param();
  const { layers } = await requireJob(c.env, id, c.req.header("authorization"));
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
  await requireJob(c.env, id, c.req.header("authorization"));
  const store = storeOf(c.env);
  try {
    const diff = await ingestTar(received(c.req.raw), { store });
    // The job may have been taken away from its runner by now.
    await requireJob(c.env, id, c.req.header("authorization"));
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
