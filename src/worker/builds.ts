import { Hono } from "hono";
import type { BuildRecord } from "../../schemas/build.ts";
import type { CheckResult } from "../../schemas/check.ts";
import type { BuildEvent } from "../../schemas/events.ts";
import { readOptions } from "../../schemas/options.ts";
import { type ClientRunner, takeClientRunner } from "../../schemas/runner.ts";
import { requireContexts } from "../engine/context-scope.ts";
import { explain } from "../engine/explain/explain.ts";
import { readImageNames, scopeOf } from "../engine/export.ts";
import { buildId, readInputs } from "../engine/inputs.ts";
import { planOptions, settleInputs } from "../engine/plan-platforms.ts";
import { BuildProgress } from "../progress/build-progress.ts";
import { Repository } from "../registry/repository.ts";
import { chunks } from "../streams/chunks.ts";
import { repositoriesOfTags } from "./access/demand.ts";
import { AccessError } from "./access/denial.ts";
import type { RequestAccess } from "./access/request-access.ts";
import { lastBuilds, noteBuild } from "./build-list.ts";
import type { Build } from "./build-object.ts";
import { unknownBuild } from "./build-unknown.ts";
import { checkResult } from "./check.ts";
import type { App, Env } from "./environment.ts";
import { eventFormat, eventResponse } from "./event-stream.ts";
import { permitOf } from "./gate.ts";
import { type Permit, permitted } from "./permitted.ts";
import { ProblemError, problemOf } from "./problem.ts";
import { storeOf } from "./store.ts";
import { readUpload } from "./upload.ts";
import { worldOf } from "./world.ts";

type Stub = DurableObjectStub<Build>;

/** `/v1/builds` and all below it. */
export const builds = new Hono<App>();

builds.post("/", async (c) => {
  const begun = await beginBuild(c.req.raw, new URL(c.req.url), c.env, c.var.access);
  if ("checked" in begun) return c.json(begun.checked);
  const { build, record, runnerToken } = begun;
  const headers = {
    "varve-build": record.id,
    ...(runnerToken !== undefined && { "varve-runner": runnerToken, "cache-control": "no-store" }),
  };
  if (/\brespond-async\b/.test(c.req.header("prefer") ?? "")) {
    return c.json(record, 202, { ...headers, location: `/v1/builds/${record.id}` });
  }
  const permit = buildPermit(c.req.raw, c.env, record);
  const format = eventFormat(c.req.header("accept"));
  if (format !== undefined) return eventResponse(followBuild(build, 0, permit), format, headers);
  return manifestOf(c.env, await ended(build, permit), headers);
});

/** A build that was begun, or joined; or what is to be said of its Dockerfile when only that was asked for. */
export type BegunBuild =
  | { build: DurableObjectStub<Build>; record: BuildRecord; runnerToken: string | undefined }
  | { checked: CheckResult };

/**
 * Takes in what is to be built, and begins it unless it runs. What can be known early is known then.
 * @param url with the options in its query
 * @throws ProblemError, BuildError, AccessError
 */
export async function beginBuild(
  request: Request,
  { host, searchParams: query }: URL,
  env: Env,
  access: RequestAccess,
): Promise<BegunBuild> {
  const offer = takeClientRunner(query);
  const world = worldOf(env, host, access.canPull);
  const scope = scopeOf(readImageNames(readOptions(query).tags));
  const upload = await readUpload(request, { world, scope });
  if (offer !== undefined && Object.keys(upload.secrets).length > 0) refuseMixed(offer);
  const read = await readInputs(upload, readOptions(query, upload.options));
  // The gate knows the names in the query only.
  access.require({ right: "build", repositories: repositoriesOfTags(read.options.tags) });
  await requireContexts(world.store, scope, read.options.contexts);
  const source = { name: read.dockerfileName, text: read.dockerfile };
  if (read.options.check)
    return { checked: await checkResult(read.dockerfile, source.name, planOptions(read)) };
  const inputs = await settleInputs(read, world).catch((error) => {
    throw new ProblemError(problemOf(error, source));
  });
  const id = buildId(inputs);
  const build = env.BUILDS.getByName(id);
  const { record, problem, runnerToken } = await build.start(inputs, id, host, upload.secrets, offer);
  if (problem !== undefined) throw new ProblemError(problem);
  await noteBuild(world.store, record);
  return { build, record, runnerToken };
}

builds.get("/", async (c) => {
  const { access } = c.var;
  const isSeen = (repositories: readonly string[]) => access.allows({ right: "pull", repositories });
  const ids = await lastBuilds(storeOf(c.env), isSeen);
  const records = await Promise.all(ids.map((id) => c.env.BUILDS.getByName(id).record()));
  return c.json({
    builds: records.filter((record) => record !== undefined && isSeen(repositoriesOfTags(record.tags))),
  });
});

builds.get("/:id", async (c) => c.json(await recordOf(c.env, c.req.param("id"))));

builds.delete("/:id", async (c) => {
  await recordOf(c.env, c.req.param("id"));
  return c.json(await c.env.BUILDS.getByName(c.req.param("id")).cancel());
});

builds.get("/:id/events", async (c) => {
  const { tags } = await recordOf(c.env, c.req.param("id"));
  const permit = permitOf(c.req.raw, c.env, { right: "pull", repositories: repositoriesOfTags(tags) });
  const last = Number(c.req.header("last-event-id") ?? c.req.query("after") ?? 0);
  const build = c.env.BUILDS.getByName(c.req.param("id"));
  const format = eventFormat(c.req.header("accept")) ?? "application/x-ndjson";
  const from = Number.isSafeInteger(last) && last > 0 ? last : 0;
  return eventResponse(followBuild(build, from, permit), format, {});
});

builds.get("/:id/explain", async (c) => {
  const { id } = await recordOf(c.env, c.req.param("id"));
  return c.json(explain(id, BuildProgress.of(await c.env.BUILDS.getByName(id).log())));
});

/** A step that needs what was sent and what was kept back could be given to nobody. */
function refuseMixed({ secrets, ssh }: ClientRunner): void {
  if (secrets.length + ssh.length === 0) return;
  throw new ProblemError({
    status: 400,
    code: "secrets-mixed",
    title: "Some secrets were sent and others kept back",
    detail: "Cannot build: a step may be given to the client's runner or to the server's, not to both",
    hint: "Send all secrets as parts of the form, or name all of them in the query.",
  });
}

async function recordOf(env: Env, id: string): Promise<BuildRecord> {
  const record = /^[0-9a-f]{64}$/.test(id) ? await env.BUILDS.getByName(id).record() : undefined;
  if (record !== undefined) return record;
  throw unknownBuild(id);
}

/** For how long whoever has begun a build is told of it. */
export function buildPermit(request: Request, env: Env, { tags }: BuildRecord): Permit {
  return permitOf(request, env, { right: "build", repositories: repositoriesOfTags(tags) });
}

/** The events of a build from after `seq`, until it ends, or until an event that says why nothing more is told. */
export async function* followBuild(build: Stub, seq: number, permit: Permit): AsyncGenerator<BuildEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let last = { seq, time: 0 };
  try {
    for await (const chunk of chunks(permitted(await build.follow(seq), permit), 1)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as BuildEvent;
        last = { seq: event.seq, time: event.time };
        yield event;
      }
    }
  } catch (error) {
    // What passes is none of the build's affairs: a client that comes back is told of it.
    if (!(error instanceof AccessError) || ![401, 403].includes(error.problem.status)) throw error;
    yield { ...last, type: "error", problem: { type: "about:blank", ...error.problem, ...goesOn } };
  }
}

const goesOn = {
  title: "The build is not told of any more",
  hint: "The build goes on. GET /v1/builds/<id>/events tells the rest to whoever may see it.",
};

/** The record of a build when it has ended. @throws AccessError when it may not be told by then */
async function ended(build: Stub, permit: Permit): Promise<BuildRecord> {
  for await (const _ of followBuild(build, 0, permit));
  await permit();
  return (await build.record()) as BuildRecord;
}

async function manifestOf(
  env: Env,
  { result, problem }: BuildRecord,
  headers: Record<string, string>,
): Promise<Response> {
  if (problem !== undefined) throw new ProblemError(problem);
  if (result === undefined) throw new Error("The build ended without a result");
  const { descriptor, repository } = result;
  const manifest = await new Repository(storeOf(env), repository).manifest(descriptor);
  return new Response(manifest as Uint8Array<ArrayBuffer>, {
    headers: {
      ...headers,
      "content-type": descriptor.mediaType,
      "docker-content-digest": descriptor.digest,
      location: `/v2/${repository}/manifests/${descriptor.digest}`,
    },
  });
}
