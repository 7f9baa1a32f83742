import { Hono } from "hono";
import {
  type BuildList,
  type BuildRecord,
  buildListQuery,
  eventsQuery,
  type RunList,
  runQuery,
} from "../../../schemas/build.ts";
import { explain } from "../../engine/explain/explain.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import { readRepository } from "../../registry/names.ts";
import { resourceAddress } from "../../registry/server/responses.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { permitOf } from "../access/gate.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { App, Env } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { readImage } from "../images/archive.ts";
import { storeOf } from "../store.ts";
import { listRuns } from "./build-history.ts";
import { buildObject } from "./build-service.ts";
import { unknownBuild } from "./build-unknown.ts";
import { eventFormat, eventResponse } from "./event-stream.ts";
import { buildPermit, followBuild, waitForEnd } from "./follow-build.ts";
import { startOrJoinBuild } from "./start-build.ts";

/** Routes of `/v1/builds`. */
export const builds = new Hono<App>();

builds.post("/", async (c) => {
  const started = await startOrJoinBuild(c.req.raw, new URL(c.req.url), c.env, c.var.access);
  if ("checked" in started) return c.json(started.checked);
  const { record, runnerToken } = started;
  const headers = {
    "varve-build": record.id,
    "varve-run": String(record.run),
    ...(runnerToken !== undefined && { "varve-runner": runnerToken, "cache-control": "no-store" }),
  };
  if (/\brespond-async\b/.test(c.req.header("prefer") ?? "")) {
    return c.json(record, 202, { ...headers, location: `/v1/builds/${record.id}` });
  }
  const permit = buildPermit(c.req.raw, c.env, record);
  const format = eventFormat(c.req.header("accept"));
  const open = () => buildObject(c.env, record.id);
  if (format !== undefined) return eventResponse(followBuild(open, 0, permit, record.run), format, headers);
  return manifestOf(c.env, await waitForEnd(open, permit, record.run), headers);
});

builds.get("/", async (c) => {
  const { access } = c.var;
  const isSeen = (repositories: readonly string[]) => access.allows({ right: "pull", repositories });
  const { image, ...query } = buildListQuery.parse(c.req.query());
  const repository = image === undefined ? undefined : readImage(image, new URL(c.req.url).host).name;
  const { runs, next } = await listRuns(storeOf(c.env), isSeen, { ...query, repository });
  const records = await Promise.all(
    runs.map(({ id, started, record }) =>
      record !== undefined && record.state !== "running" ? record : buildObject(c.env, id).recordOf(started),
    ),
  );
  const seen = records.filter(
    (record) =>
      record !== undefined &&
      (query.state === undefined || record.state === query.state) &&
      isSeen(repositoriesOfTags(record.tags)),
  );
  return c.json({ builds: seen as BuildRecord[], ...(next !== undefined && { next }) } satisfies BuildList);
});

builds.get("/:id", async (c) => c.json(await recordOf(c.env, c.req.param("id"), runIn(c.req.query()))));

builds.get("/:id/runs", async (c) => {
  const { id } = await recordOf(c.env, c.req.param("id"));
  return c.json({ id, runs: await buildObject(c.env, id).runs() } satisfies RunList);
});

builds.delete("/:id", async (c) => {
  await recordOf(c.env, c.req.param("id"));
  return c.json(await buildObject(c.env, c.req.param("id")).cancel());
});

builds.get("/:id/events", async (c) => {
  const { run: wanted, after } = eventsQuery.parse(c.req.query());
  const { tags, run } = await recordOf(c.env, c.req.param("id"), wanted);
  const permit = permitOf(c.req.raw, c.env, { right: "pull", repositories: repositoriesOfTags(tags) });
  const last = Number(c.req.header("last-event-id") ?? after);
  const open = () => buildObject(c.env, c.req.param("id"));
  const format = eventFormat(c.req.header("accept")) ?? "application/x-ndjson";
  const from = Number.isSafeInteger(last) && last > 0 ? last : 0;
  return eventResponse(followBuild(open, from, permit, run), format, {});
});

builds.get("/:id/explain", async (c) => {
  const { id, run } = await recordOf(c.env, c.req.param("id"), runIn(c.req.query()));
  return c.json(explain(id, BuildProgress.of(await buildObject(c.env, id).log(run))));
});

async function recordOf(env: Env, id: string, run?: number): Promise<BuildRecord> {
  const record = /^[0-9a-f]{64}$/.test(id) ? await buildObject(env, id).record(run) : undefined;
  if (record !== undefined) return record;
  throw unknownBuild(id, run);
}

function runIn(query: Record<string, string>): number | undefined {
  return runQuery.parse(query).run;
}

async function manifestOf(
  env: Env,
  { result, problem }: BuildRecord,
  headers: Record<string, string>,
): Promise<Response> {
  if (problem !== undefined) throw new ProblemError(problem);
  if (result === undefined) throw new Error("The build ended without a result");
  const { descriptor } = result;
  const repository = readRepository(result.repository);
  const { bytes } = await new StoreRegistry(storeOf(env)).readManifest(repository, descriptor.digest);
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      ...headers,
      "content-type": descriptor.mediaType,
      "docker-content-digest": descriptor.digest,
      location: resourceAddress(repository, `manifests/${descriptor.digest}`),
    },
  });
}
