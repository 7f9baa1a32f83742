import type { BuildInputs, BuildRecord } from "../../../schemas/build.ts";
import type { CheckResult } from "../../../schemas/check.ts";
import { type ClientRunner, takeClientRunner } from "../../../schemas/client-runner.ts";
import type { ContextPaths } from "../../../schemas/contexts.ts";
import { type CachePolicy, readOptions } from "../../../schemas/options.ts";
import { requireContexts } from "../../engine/context-scope.ts";
import { ownTags, readImageNames, scopeOf } from "../../engine/export.ts";
import { buildId, readInputs } from "../../engine/inputs.ts";
import { namesOfTree, suggestPath } from "../../engine/keys/similar-path.ts";
import { requiredPaths } from "../../engine/plan/required-paths.ts";
import { type PlannedBuild, planBuild, planOptions } from "../../engine/plan-build.ts";
import type { World } from "../../engine/world.ts";
import { readConfigHeader } from "../../engine-api/registry-auth.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import { sha256 } from "../../streams/sha256.ts";
import { callerName } from "../access/caller.ts";
import type { RequestAccess } from "../access/request-access.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { Env } from "../environment.ts";
import { ProblemError, problemOf } from "../http/problem.ts";
import { worldOf } from "../world.ts";
import { type Destination, keepArchive } from "./archive-upload.ts";
import { noteStart } from "./build-history.ts";
import { buildObject } from "./build-service.ts";
import { checkResult } from "./check.ts";
import { contextConverters } from "./layer-segments.ts";
import { type BuildUpload, readUpload, storeEmptyContext } from "./upload.ts";

/** A build that was started or joined, or the result of a check-only request. */
type StartedBuild = { record: BuildRecord; runnerToken: string | undefined } | { checked: CheckResult };

/**
 * Reads the inputs of a build, and starts it unless it is running.
 * @param url its query contains the options
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
  // A separate function, so that the context's entries are not in memory here while the object of the build reads them.
  const planned = await planRequest(
    request,
    url,
    access,
    { world, newConverter: contextConverters(env) },
    offer,
  );
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

interface PlannedRequest extends PlannedBuild, Pick<BuildUpload, "archive" | "secrets"> {
  cache: CachePolicy;
}

/** Reads the inputs of a build, plans it, and stores its context. Its errors are those of `startOrJoinBuild`. */
async function planRequest(
  request: Request,
  { host, searchParams: query }: URL,
  access: RequestAccess,
  { world, newConverter }: Omit<Destination, "scope">,
  offer: ClientRunner | undefined,
): Promise<PlannedRequest | { checked: CheckResult }> {
  const scope = scopeOf(readImageNames(readOptions(query).tags, host));
  const destination = { world, scope, newConverter };
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
  if (offer !== undefined && Object.keys(upload.secrets).length > 0) rejectMixedSecrets(offer);
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

/** The credentials of those registries whose images require them. */
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

/** @throws {ProblemError} when the client selected other paths than those that the build reads */
function requireSelection(selected: ContextPaths, { platforms }: PlannedBuild): void {
  const required: ContextPaths = {};
  for (const [name, paths] of requiredPaths(platforms.map(({ plan }) => plan))) {
    required[name ?? ""] = paths === undefined ? null : [...paths];
  }
  const isRequired = ([name, paths]: [string, string[] | null]) =>
    JSON.stringify(paths) === JSON.stringify(name in required ? required[name] : []);
  if (Object.entries(selected).every(isRequired)) return;
  throw new ProblemError("context-incomplete", {
    detail: "Cannot build: the selected paths of the contexts are not those that the Dockerfile reads",
    hint: "Select the paths in required, send them, and repeat the request.",
    required,
  });
}

/** Maximum size of a plan that is sent to the build object, in characters. The object computes a larger one again. */
const MAX_PLAN = 4 * 1024 * 1024;

/** Whether a value is small enough to send it to another object. RPC messages are limited to 32 MiB. */
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

/** Rejects secrets both in the request and on the client's runner, because no runner could execute a step that needs both. */
function rejectMixedSecrets({ secrets, ssh }: ClientRunner): void {
  if (secrets.length + ssh.length === 0) return;
  throw new ProblemError("secrets-mixed", {
    detail:
      "Cannot build: a step is executed either by the client's runner or by the server's, so its secrets must be in one place",
    hint: "Send all secrets as parts of the form, or name all of them in the query.",
  });
}

/** The caller and the program that start a build: the first product of `User-Agent`, with its comment (RFC 9110, 10.1.5). */
function senderOf({ headers }: Request, { caller }: RequestAccess): Pick<BuildRecord, "caller" | "origin"> {
  const [origin] = /^[\w.+/-]{1,64}(?: \([\w.+/-]{1,64}\))?/.exec(headers.get("user-agent") ?? "") ?? [];
  return { caller: callerName(caller), ...(origin !== undefined && { origin }) };
}
