import { Hono } from "hono";
import { defaultPool } from "../../../schemas/pools.ts";
import { type LocalRunnerState, localRunner, type RunnerList } from "../../../schemas/runner-list.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Caller } from "../access/caller.ts";
import { isEqualInConstantTime } from "../access/constant-time.ts";
import { AccessError } from "../access/denial.ts";
import { authenticate } from "../access/gate.ts";
import { everything, patternsWith } from "../access/grants.ts";
import { buildObject } from "../builds/build-service.ts";
import type { Env } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { type Pool, poolOfId, poolsOf } from "./pools.ts";
import { buildRunnerPrefix, containerPrefix } from "./runner-tokens.ts";
import type { Service } from "./runner-trust.ts";
import { ofAllPools, runnersOf, serviceHeader } from "./runners-service.ts";

/** Routes of `/v1/runners`: the list of runners, and the endpoint where runners connect. */
export const runners = new Hono<{ Bindings: Env }>();

runners.get("/", async (c) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    const [lists, local] = await Promise.all([
      ofAllPools(c.env, (runners) => runners.list()),
      localRunnerOf(c.env),
    ]);
    const runners = lists.flatMap(([{ name }, list]) => list.map((runner) => ({ ...runner, pool: name })));
    return c.json({ runners, ...(local !== undefined && { local }) } satisfies RunnerList);
  }
  const offered = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  if (!offered.includes("varve.runner")) {
    throw new ProblemError("protocol-unknown", {
      detail: `Cannot accept a WebSocket with the protocols "${offered.join(", ")}": varve.runner is not among them`,
    });
  }
  const token = offered.find((name) => name.startsWith("token."))?.slice("token.".length);
  const { service, pool } = await admit(c.req.raw, token, c.env);
  const request = new Request(c.req.raw);
  request.headers.set(serviceHeader, JSON.stringify(service));
  return runnersOf(c.env, pool).fetch(request);
});

/** State of the runner that the host program of a local server has started. */
async function localRunnerOf({ OBJECTS, VARVE_FRONT_SECRET }: Env): Promise<LocalRunnerState | undefined> {
  if (OBJECTS === undefined || !VARVE_FRONT_SECRET) return undefined;
  const response = await OBJECTS.fetch("http://objects/local-runner");
  return response.ok ? localRunner.parse(await response.json()) : undefined;
}

/** The builds that a connecting runner may serve, and its pool. */
interface Admission {
  service: Service;
  pool: Pool;
}

/**
 * Determines from its token which builds a runner may serve. The token of a build or of a container contains the pool; other
 * runners send it in the query.
 * @throws {ProblemError} for an invalid token or pool
 */
async function admit(request: Request, token: string | undefined, env: Env): Promise<Admission> {
  const rest = ofPrefix(token, buildRunnerPrefix) ?? ofPrefix(token, containerPrefix);
  if (token !== undefined && rest !== undefined) {
    const pool = poolOfId(rest, env);
    if (pool === undefined) throw runnerDeniedError("its pool no longer exists");
    return { service: await serviceOf(token, pool, env), pool };
  }
  const service = await poolService(request, token, env);
  const name = new URL(request.url).searchParams.get("pool") || defaultPool;
  const pool = poolsOf(env).get(name);
  if (pool !== undefined) return { service, pool };
  throw new ProblemError("runner-denied", {
    detail: `Cannot connect the runner: the server has no pool ${JSON.stringify(name)}`,
    hint: `Start it with --pool and one of ${[...poolsOf(env).keys()].join(", ")}.`,
  });
}

/** The part of a token after a prefix; undefined for a token without it. */
function ofPrefix(token: string | undefined, prefix: string): string | undefined {
  return token?.startsWith(prefix) ? token.slice(prefix.length) : undefined;
}

async function serviceOf(token: string, pool: Pool, env: Env): Promise<Service> {
  if (token.startsWith(buildRunnerPrefix)) {
    const offered = await runnersOf(env, pool).offered(token);
    const record = offered && (await buildObject(env, offered.build).record());
    if (offered === undefined || record?.state !== "running") throw runnerDeniedError("its build has ended");
    const { build, secrets, ssh } = offered;
    return { kind: "build", build, token: sha256(token), secrets, ssh };
  }
  if (await runnersOf(env, pool).isAdmitted(sha256(token))) return { kind: "pool" };
  throw runnerDeniedError("its container was restarted");
}

/**
 * A runner can read the contexts and images of builds, so it needs VARVE_RUNNER_TOKEN or a token that grants `run`. Without any
 * configured credential, local programs may connect without a token.
 */
async function poolService(request: Request, token: string | undefined, env: Env): Promise<Service> {
  const { VARVE_RUNNER_TOKEN: expected, VARVE_ADMIN_TOKEN: admin } = env;
  if (token !== undefined && expected && isEqualInConstantTime(token, expected)) return { kind: "pool" };
  if (!expected && !admin && (await authenticate(request, env)).caller.kind === "local")
    return { kind: "pool" };
  const identified = token === undefined ? undefined : await callerWith(request, token, env);
  // With VARVE_RUNNER_TOKEN set, a local request needs a token too.
  const caller = expected && identified?.kind === "local" ? undefined : identified;
  const scopes = patternsWith(caller?.grants ?? [], "run");
  const standing = caller?.standing && { standing: caller.standing };
  if (scopes.includes(everything)) return { kind: "pool", ...standing };
  if (scopes.length > 0) return { kind: "pool", scopes, ...standing };
  throw runnerDeniedError(!token ? "it sent no token" : "its token does not grant run");
}

/** The caller that a token identifies; undefined when the token is invalid. */
async function callerWith(request: Request, token: string, env: Env): Promise<Caller | undefined> {
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${token}`);
  const access = await authenticate(new Request(request.url, { headers }), env).catch((error) => {
    if (error instanceof AccessError && error.problem.status === 401) return undefined;
    throw error;
  });
  return access?.caller;
}

function runnerDeniedError(reason: string): ProblemError {
  return new ProblemError("runner-denied", {
    detail: `Cannot connect the runner: ${reason}`,
    hint: "Start it with --token and a token that grants run, or the value of VARVE_RUNNER_TOKEN.",
  });
}
