import type { MiddlewareHandler } from "hono";
import { drainBody } from "../../registry/server/incoming.ts";
import { errorResponse } from "../../registry/server/responses.ts";
import { buildObject } from "../builds/build-service.ts";
import { unknownBuild } from "../builds/build-unknown.ts";
import type { App, Env } from "../environment.ts";
import { countProblem, ProblemError } from "../http/problem.ts";
import type { Permit } from "../http/while-permitted.ts";
import type { Caller } from "./caller.ts";
import { identifyCaller } from "./callers.ts";
import { clientAddress } from "./client-address.ts";
import { configuredOf } from "./configured.ts";
import { isEqualInConstantTime } from "./constant-time.ts";
import { readCredential } from "./credential.ts";
import { AccessError, accessDeniedError, credentialRejectedError } from "./denial.ts";
import { isLocal, rejectForeignPages } from "./foreign-pages.ts";
import { everything, type RequiredRight } from "./grants.ts";
import { bearerChallenge, registryDenial } from "./registry-denial.ts";
import { RequestAccess } from "./request-access.ts";
import { rejectMarkedRequest } from "./request-marks.ts";
import { type Requirement, repositoriesOfTags, requirementOf } from "./requirement.ts";

/** Middleware that rejects requests without the required right, and stores the caller's rights on the context. */
export function gate(): MiddlewareHandler<App> {
  return async function gate(c, next) {
    const request = c.req.raw;
    try {
      rejectMarkedRequest(request, c.env);
      rejectForeignPages(request);
      const requirement = requirementOf(request);
      const isMonitoring = requirement.kind === "monitoring" && hasMetricsToken(request, c.env);
      if (requirement.kind !== "nothing" && !isMonitoring) {
        const access = await authenticate(request, c.env);
        await authorize(access, requirement, c.env);
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
 * Identifies the caller of a request, and returns its rights. Without a configured admin credential, a request from the
 * server's machine has all rights, unless it has a token that grants fewer.
 * @throws {AccessError} for a rejected credential
 */
export async function authenticate(request: Request, env: Env): Promise<RequestAccess> {
  const configured = configuredOf(env);
  const hasAdmin = configured.admin !== undefined;
  const isOpen = !hasAdmin && isLocal(request, env);
  // A local server without an admin serves only its own machine.
  const isClosed = !hasAdmin && !isOpen && env.VARVE_LOCAL === "1";
  const credential = isClosed ? undefined : readCredential(request.headers.get("authorization"));
  if (isOpen && credential === undefined) return new RequestAccess(local);
  const sender = { credential, address: clientAddress(request.headers, env) };
  const identified = await identifyCaller(sender, env, configured);
  if ("refusal" in identified) {
    // docker and curl may send the stored password of an earlier server at this address; tokens are never sent by accident.
    if (isOpen && credential?.scheme === "basic") return new RequestAccess(local);
    throw credentialRejectedError(identified.refusal, isOpen ? openHint : undefined);
  }
  const { caller } = identified;
  if (isOpen && caller.kind === "guest") return new RequestAccess(local);
  return new RequestAccess(caller, hasAdmin ? undefined : isClosed ? closedHint : unconfiguredHint);
}

/** Returns a function that throws AccessError when the caller has lost the right. */
export function permitOf(request: Request, env: Env, required: RequiredRight): Permit {
  return async () => (await authenticate(request, env)).require(required);
}

const local: Caller = {
  kind: "local",
  grants: [{ rights: ["admin"], repositories: everything }],
  isNarrowed: false,
  public: [],
};

const openHint = "This server needs no credential from its own machine: send the request without one.";
const unconfiguredHint = "No credential of an admin is configured. Set VARVE_ADMIN_TOKEN.";
const closedHint =
  "No credential of an admin is configured, so the server accepts only requests to http://localhost:<port>. Set VARVE_ADMIN_TOKEN.";

/** @throws {AccessError | ProblemError} the latter for a build that does not exist or that the caller may not see */
async function authorize(
  access: RequestAccess,
  requirement: Exclude<Requirement, { kind: "nothing" }>,
  env: Env,
): Promise<void> {
  switch (requirement.kind) {
    case "token":
      if (access.caller.kind === "anonymous") throw access.unidentified();
      return;
    case "a credential":
      if (!access.isKnown) throw access.unidentified();
      return;
    case "monitoring":
      access.require({ right: "admin", server: true });
      return;
    case "rights":
      for (const required of requirement.required) access.require(required);
      return;
    case "build": {
      const { id, right } = requirement;
      // Calling an object creates it, so skip it for callers without any right to pull.
      const mayExist = access.canPullSome && /^[0-9a-f]{64}$/.test(id);
      const record = mayExist ? await buildObject(env, id).record() : undefined;
      const repositories = record && repositoriesOfTags(record.tags);
      const isSeen = repositories !== undefined && access.allows({ right: "pull", repositories });
      if (!isSeen) throw access.isKnown ? unknownBuild(id) : access.unidentified();
      if (!access.allows({ right, repositories }))
        throw accessDeniedError(access.caller, { right, repositories });
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
