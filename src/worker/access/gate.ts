import type { MiddlewareHandler } from "hono";
import { drainBody } from "../../registry/server/incoming.ts";
import { errorResponse } from "../../registry/server/responses.ts";
import { buildObject } from "../builds/build-service.ts";
import { unknownBuild } from "../builds/build-unknown.ts";
import type { App, Env } from "../environment.ts";
import type { Permit } from "../http/permitted.ts";
import { countProblem, ProblemError } from "../http/problem.ts";
import type { Caller } from "./caller.ts";
import { identifyCaller } from "./callers.ts";
import { clientAddress } from "./client-address.ts";
import { configuredOf } from "./configured.ts";
import { isEqualInConstantTime } from "./constant-time.ts";
import { readCredential } from "./credential.ts";
import { type Demand, demandOf, repositoriesOfTags } from "./demand.ts";
import { AccessError, forbidden, rejected } from "./denial.ts";
import { isLocal, rejectForeignPages } from "./foreign-pages.ts";
import { everything, type Required } from "./grants.ts";
import { bearerChallenge, registryDenial } from "./registry-denial.ts";
import { RequestAccess } from "./request-access.ts";
import { rejectMarkedRequest } from "./request-marks.ts";

/** Middleware that rejects requests without the required right, and gives handlers the caller's rights. */
export function gate(): MiddlewareHandler<App> {
  return async function gate(c, next) {
    const request = c.req.raw;
    try {
      rejectMarkedRequest(request, c.env);
      rejectForeignPages(request);
      const demand = demandOf(request);
      const isOpened = demand.kind === "monitoring" && hasMetricsToken(request, c.env);
      if (demand.kind !== "nothing" && !isOpened) {
        const access = await accessOf(request, c.env);
        await judge(access, demand, c.env);
        c.set("access", access);
      }
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      if (!isRegistry(request)) throw error;
      await drainBody(request);
      countProblem(error.problem);
      return errorResponse(registryDenial(error, bearerChallenge(request, error)), request.method);
    }
    await next();
  };
}

/**
 * The rights of the caller of a request. Without a configured admin credential, a request from the server's machine may
 * do everything, unless it has a token that grants less.
 * @throws {AccessError} for a credential that is rejected
 */
export async function accessOf(request: Request, env: Env): Promise<RequestAccess> {
  const configured = configuredOf(env);
  const hasAdmin = configured.admin !== undefined;
  const isOpen = !hasAdmin && isLocal(request, env);
  // A local server without an admin only serves its own machine.
  const isShut = !hasAdmin && !isOpen && env.VARVE_LOCAL === "1";
  const credential = isShut ? undefined : readCredential(request.headers.get("authorization"));
  if (isOpen && credential === undefined) return new RequestAccess(local);
  const shown = { credential, address: clientAddress(request.headers, env) };
  const identified = await identifyCaller(shown, env, configured);
  if ("refusal" in identified) {
    // docker and curl send stored passwords of earlier servers at this address. Tokens are sent on purpose.
    if (isOpen && credential?.scheme === "basic") return new RequestAccess(local);
    throw rejected(identified.refusal, isOpen ? openHint : undefined);
  }
  const { caller } = identified;
  if (isOpen && caller.kind === "guest") return new RequestAccess(local);
  return new RequestAccess(caller, hasAdmin ? undefined : isShut ? shutHint : unconfiguredHint);
}

/** Returns a check whether the caller still has the right. The check throws AccessError. */
export function permitOf(request: Request, env: Env, required: Required): Permit {
  return async () => (await accessOf(request, env)).require(required);
}

const local: Caller = {
  kind: "local",
  grants: [{ rights: ["admin"], repositories: everything }],
  isNarrowed: false,
  public: [],
};

const openHint = "This server needs no credential from its own machine: send the request without one.";
const unconfiguredHint = "No credential of an admin is configured. Set VARVE_ADMIN_TOKEN.";
const shutHint =
  "No credential of an admin is configured, so that only requests to http://localhost:<port> are answered. Set VARVE_ADMIN_TOKEN.";

/** @throws {AccessError | ProblemError} the latter for a build that the caller may not see, as for one that does not exist */
async function judge(
  access: RequestAccess,
  demand: Exclude<Demand, { kind: "nothing" }>,
  env: Env,
): Promise<void> {
  switch (demand.kind) {
    case "token":
      if (access.caller.kind === "nobody") throw access.unidentified();
      return;
    case "a credential":
      if (!access.isKnown) throw access.unidentified();
      return;
    case "monitoring":
      access.require({ right: "admin", server: true });
      return;
    case "rights":
      for (const required of demand.required) access.require(required);
      return;
    case "build": {
      const { id, right } = demand;
      // Calling an object creates it, so a caller without any right to pull does not reach it.
      const mayExist = access.canPullSome && /^[0-9a-f]{64}$/.test(id);
      const record = mayExist ? await buildObject(env, id).record() : undefined;
      const repositories = record && repositoriesOfTags(record.tags);
      const isSeen = repositories !== undefined && access.allows({ right: "pull", repositories });
      if (!isSeen) throw access.isKnown ? unknownBuild(id) : access.unidentified();
      if (!access.allows({ right, repositories })) throw forbidden(access.caller, { right, repositories });
    }
  }
}

function hasMetricsToken({ headers }: Request, { VARVE_METRICS_TOKEN: token }: Env): boolean {
  const shown = readCredential(headers.get("authorization"))?.secret;
  return Boolean(token) && shown !== undefined && isEqualInConstantTime(shown, token ?? "");
}

function isRegistry({ url }: Request): boolean {
  return new URL(url).pathname.startsWith("/v2");
}

/** The error as a problem of the native API. */
export function problemOfAccess({ problem, fault, retryAfter }: AccessError): ProblemError {
  return new ProblemError(
    problem,
    {},
    {
      ...(problem.status === 401 && {
        "www-authenticate": `Bearer realm="varve"${fault ? `, error="${fault}"` : ""}`,
      }),
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    },
  );
}
