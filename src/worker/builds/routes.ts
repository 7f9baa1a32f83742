import { Hono } from "hono";
import {
  type BuildInputs,
  type BuildList,
  type BuildRecord,
  buildListQuery,
  eventsQuery,
  type RunList,
  runQuery,
} from "../../../schemas/build.ts";
import type { CheckResult } from "../../../schemas/check.ts";
import { type ClientRunner, takeClientRunner } from "../../../schemas/client-runner.ts";
import type { ContextPaths } from "../../../schemas/contexts.ts";
import type { BuildEvent } from "../../../schemas/events.ts";
import { type CachePolicy, readOptions } from "../../../schemas/options.ts";
import { requireContexts } from "../../engine/context-scope.ts";
import { explain } from "../../engine/explain/explain.ts";
import { ownTags, readImageNames, scopeOf } from "../../engine/export.ts";
import { buildId, readInputs } from "../../engine/inputs.ts";
import { namesOfTree, suggestPath } from "../../engine/keys/similar-path.ts";
import { requiredPaths } from "../../engine/plan/required-paths.ts";
import { type PlannedBuild, planBuild, planOptions } from "../../engine/plan-build.ts";
import type { World } from "../../engine/world.ts";
import { readConfigHeader } from "../../engine-api/registry-auth.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import { readRepository } from "../../registry/names.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import { resourceAddress } from "../../registry/server/responses.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { chunks } from "../../streams/chunks.ts";
import { sha256 } from "../../streams/sha256.ts";
import { callerName } from "../access/caller.ts";
import { AccessError } from "../access/denial.ts";
import { permitOf } from "../access/gate.ts";
import type { RequestAccess } from "../access/request-access.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { App, Env } from "../environment.ts";
import { ProblemError, problemOf } from "../http/problem.ts";
import { type Permit, whilePermitted } from "../http/while-permitted.ts";
import { readImage } from "../images/archive.ts";
import { storeOf } from "../store.ts";
import { worldOf } from "../world.ts";
import { keepArchive } from "./archive-upload.ts";
import { listRuns, noteStart } from "./build-history.ts";
import type { Build } from "./build-object.ts";
import { buildObject } from "./build-service.ts";
import { unknownBuild } from "./build-unknown.ts";
import { checkResult } from "./check.ts";
import { eventFormat, eventResponse } from "./event-stream.ts";
import { type BuildUpload, readUpload, storeEmptyContext } from "./upload.ts";

type Stub = DurableObjectStub<Build>;

/** Routes of `/v1/builds`. */
export const builds = new Hono<App>();

builds.post("/", async (c) => {
  const begun = await startOrJoinBuild(c.req.raw, new URL(c.req.url), c.env, c.var.access);
  if ("checked" in begun) return c.json(begun.checked);
  const { record, runnerToken } = begun;
  const headers = {
    "varve-build": record.id,
    ...(record.run !== undefined && { "varve-run": String(record.run) }),
    ...(runnerToken !== undefined && { "varve-runner": runnerToken, "cache-control": "no-store" }),
  };
  if (/\brespond-async\b/.test(c.req.header("prefer") ?? "")) {
    return c.json(record, 202, { ...headers, location: `/v1/builds/${record.id}` });
  }
  const permit = buildPermit(c.req.raw, c.env, record);
  const format = eventFormat(c.req.header("accept"));
  const open = () => buildObject(c.env, record.id);
  if (format !== undefined) return eventResponse(followBuild(open, 0, permit, record.run), format, headers);
  return manifestOf(c.env, await ended(open, permit, record.run), headers);
});

/** A build that was started or joined, or the result of a check-only request. */
type StartedBuild = { record: BuildRecord; runnerToken: string | undefined } | { checked: CheckResult };

/**
 * Reads the inputs of a build, and starts it unless it is running.
 * @param url its query has the options
 * @param options `prefersOwn`: see `ImageResolverOptions`
 * @throws {ProblemError | BuildError | AccessError}
 */
export async function startOrJoinBuild(
  request: Request,
  url: URL,
  env: Env,
  access: RequestAccess,
  { prefersOwn = false } = {},
): Promise<StartedBuild> {
  const { host } = url;
  const offer = takeClientRunner(url.searchParams);
  const logins = loginsIn(request);
  const world = worldOf(env, host, access.canPull, { logins, prefersOwn });
  // The table of a context is not in memory twice: only `planRequest` has it, and then the object of the build.
  const planned = await planRequest(request, url, access, world, offer);
  if ("checked" in planned) return planned;
  const { inputs, platforms, cache, secrets, archive } = planned;
  const id = buildId(inputs);
  const build = buildObject(env, id);
  const started = { inputs, ...(isSmall(platforms) && { platforms }) };
  const { record, problem, runnerToken } = await build.start(started, id, host, {
    cache,
    offer,
    secrets,
    logins: neededLogins(platforms, logins),
    sender: senderOf(request, access),
    prefersOwn,
  });
  if (problem !== undefined) {
    if (archive !== undefined) await suggestPath(problem, namesOfTree(archive.tree));
    throw new ProblemError(problem);
  }
  await noteStart(world.store, record);
  return { record, runnerToken };
}

/** A build that was read and planned. */
interface PlannedRequest extends PlannedBuild, Pick<BuildUpload, "archive" | "secrets"> {
  cache: CachePolicy;
}

/** Reads the inputs of a build, plans it, and stores its context. Its errors are those of `startOrJoinBuild`. */
async function planRequest(
  request: Request,
  { host, searchParams: query }: URL,
  access: RequestAccess,
  world: World,
  offer: ClientRunner | undefined,
): Promise<PlannedRequest | { checked: CheckResult }> {
  const scope = scopeOf(readImageNames(readOptions(query).tags, host));
  const destination = { world, scope };
  const plan = planOnce(world);
  const optionsOf = (body: unknown) => {
    const options = readOptions(query, body);
    return { ...options, tags: ownTags(options.tags, host) };
  };
  const upload = await readUpload(request, destination, (body, dockerfile) => {
    const options = optionsOf(body);
    const inputs = { dockerfileName: options.dockerfile, context: "", options, images: {} };
    return { options, dockerfile, plan: (texts) => plan({ ...inputs, ...texts, ignore: [...texts.ignore] }) };
  });
  if (offer !== undefined && Object.keys(upload.secrets).length > 0) refuseMixed(offer);
  const read = await readInputs(upload, optionsOf(upload.options));
  // The gate has checked only the names in the query.
  access.require({ right: "build", repositories: repositoriesOfTags(read.options.tags) });
  const source = { name: read.dockerfileName, text: read.dockerfile };
  if (read.options.check)
    return { checked: await checkResult(read.dockerfile, source.name, planOptions(read)) };
  const planned = await plan(read).catch((error) => {
    throw new ProblemError(problemOf(error, source));
  });
  if (upload.selected !== undefined) requireSelection(upload.selected, planned);
  const { archive } = upload;
  const context = archive === undefined ? read.context : await keepArchive(archive, planned, destination);
  if (archive === undefined && context === sha256("")) await storeEmptyContext(destination);
  const inputs = { ...planned.inputs, context };
  await requireContexts(world.store, scope, inputs.options.contexts);
  const { cache } = read.options;
  return { inputs, platforms: planned.platforms, cache, secrets: upload.secrets, archive };
}

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

/** Credentials for other registries, in docker's format. @throws {ProblemError} */
function loginsIn({ headers }: Request): Logins {
  try {
    return readConfigHeader(headers.get("x-registry-config"));
  } catch (error) {
    const detail = `Cannot build: ${(error as Error).message}`;
    throw new ProblemError("invalid-request", {
      detail,
    });
  }
}

/** The credentials of registries whose images could not be read without them. */
function neededLogins(platforms: PlannedBuild["platforms"], logins: Logins): Logins {
  const hosts = platforms.flatMap(({ images }) =>
    images.flatMap(({ reference, isPrivate }) => (isPrivate ? [reference.host] : [])),
  );
  return Object.fromEntries(Object.entries(logins).filter(([host]) => hosts.includes(host)));
}

/** Returns a planner that reuses its last plan when only the context differs. */
function planOnce(world: World): (inputs: BuildInputs) => Promise<PlannedBuild> {
  let last: { key: string; planned: PlannedBuild } | undefined;
  return async (inputs) => {
    const key = JSON.stringify({ ...inputs, context: "" });
    if (last?.key !== key) last = { key, planned: await planBuild(inputs, world) };
    return last.planned;
  };
}

/** @throws {ProblemError} when the client has selected other paths than those that the build reads */
function requireSelection(selected: ContextPaths, { platforms }: PlannedBuild): void {
  const required: ContextPaths = {};
  for (const [name, paths] of requiredPaths(platforms.map(({ plan }) => plan))) {
    required[name ?? ""] = paths === undefined ? null : [...paths];
  }
  const isRequired = ([name, paths]: [string, string[] | null]) =>
    JSON.stringify(paths) === JSON.stringify(name in required ? required[name] : []);
  if (Object.entries(selected).every(isRequired)) return;
  throw new ProblemError("context-incomplete", {
    detail:
      "Cannot build: the paths that were selected of the contexts are not those that the Dockerfile reads",
    hint: "Select the paths in required, send them, and repeat the request.",
    required,
  });
}

/** Maximum size of a plan that is sent to the build object, in characters. The object computes larger plans itself. */
const MAX_PLAN = 4 * 1024 * 1024;

/** Whether a value is small enough to be sent to another object; messages are limited to 32 MiB. */
function isSmall(value: unknown): boolean {
  let left = MAX_PLAN;
  const visit = (part: unknown): boolean => {
    left -= typeof part === "string" ? part.length : 8;
    if (left < 0) return false;
    if (part instanceof Map || part instanceof Set) return [...part].every(visit);
    if (typeof part !== "object" || part === null) return true;
    return Object.entries(part).every(([name, child]) => visit(name) && visit(child));
  };
  return visit(value);
}

/** No runner could execute a step that needs both a secret of the request and one of the client's runner. */
function refuseMixed({ secrets, ssh }: ClientRunner): void {
  if (secrets.length + ssh.length === 0) return;
  throw new ProblemError("secrets-mixed", {
    detail:
      "Cannot build: a step is executed either by the client's runner or by the server's, so its secrets must be in one place",
    hint: "Send all secrets as parts of the form, or name all of them in the query.",
  });
}

async function recordOf(env: Env, id: string, run?: number): Promise<BuildRecord> {
  const record = /^[0-9a-f]{64}$/.test(id) ? await buildObject(env, id).record(run) : undefined;
  if (record !== undefined) return record;
  throw unknownBuild(id, run);
}

function runIn(query: Record<string, string>): number | undefined {
  return runQuery.parse(query).run;
}

/** The caller and the program that start a build: the first product of `User-Agent`, with its comment (RFC 9110, 10.1.5). */
function senderOf({ headers }: Request, { caller }: RequestAccess): Pick<BuildRecord, "caller" | "origin"> {
  const [origin] = /^[\w.+/-]{1,64}(?: \([\w.+/-]{1,64}\))?/.exec(headers.get("user-agent") ?? "") ?? [];
  return { caller: callerName(caller), ...(origin !== undefined && { origin }) };
}

/** Permits the events of a build while the caller who started it may still build. */
export function buildPermit(request: Request, env: Env, { tags }: BuildRecord): Permit {
  return permitOf(request, env, { right: "build", repositories: repositoriesOfTags(tags) });
}

/** Attempts to follow a build whose instance was replaced, without a new event, and milliseconds between them. */
const MAX_LOST = 10;
const LOST_PAUSE_MS = 500;

/**
 * The events of a build after `seq`, until it ends. An instance that was replaced meanwhile executes the build again, and its
 * events follow. When the permit ends earlier, the last event has the reason.
 */
export async function* followBuild(
  open: () => Stub,
  seq: number,
  permit: Permit,
  run?: number,
): AsyncGenerator<BuildEvent> {
  let last = { seq, time: 0 };
  let isEnded = false;
  for (let lost = 0; ; lost++) {
    try {
      for await (const event of eventsAfter(open(), last.seq, permit, run)) {
        last = { seq: event.seq, time: event.time };
        lost = 0;
        yield event;
        if (event.type === "result" || event.type === "error") return;
      }
      if (isEnded || lost === MAX_LOST) return;
      isEnded = (await open().record(run))?.state !== "running";
    } catch (error) {
      if (error instanceof AccessError && [401, 403].includes(error.problem.status)) {
        // The build continues.
        yield { ...last, type: "error", problem: { ...error.problem, ...continues } };
        return;
      }
      if (error instanceof AccessError || lost === MAX_LOST) throw error;
    }
    if (!isEnded) await new Promise((resolve) => setTimeout(resolve, LOST_PAUSE_MS));
  }
}

/** The events that one instance of the build has, until it ends or the build does. */
async function* eventsAfter(
  build: Stub,
  seq: number,
  permit: Permit,
  run: number | undefined,
): AsyncGenerator<BuildEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks(whilePermitted(await build.follow(seq, run), permit), 1)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as BuildEvent;
  }
}

const continues = {
  title: "The credential does not grant access to the build any more",
  hint: "The build continues. GET /v1/builds/<id>/events has its other events for callers who may see it.",
};

/** Waits until a build has ended and returns its record. @throws {AccessError} when the permit ends before */
async function ended(open: () => Stub, permit: Permit, run?: number): Promise<BuildRecord> {
  for await (const _ of followBuild(open, 0, permit, run));
  await permit();
  return (await open().record(run)) as BuildRecord;
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
