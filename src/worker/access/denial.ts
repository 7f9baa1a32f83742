import type { Problem } from "../../../schemas/problem.ts";
import { displayRepository } from "../../registry/names.ts";
import { newProblem } from "../http/problem.ts";
import type { Caller, CredentialRefusal } from "./caller.ts";
import type { Required } from "./grants.ts";

interface AccessErrorOptions {
  /** Of the challenge: RFC 6750, section 3.1. */
  fault?: "invalid_token" | "insufficient_scope";
  /** Seconds after which another attempt may succeed. */
  retryAfter?: number | undefined;
}

/** The gate rejects a request. */
export class AccessError extends Error {
  override name = "AccessError";
  readonly problem: Problem;
  readonly fault: AccessErrorOptions["fault"];
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, { fault, retryAfter }: AccessErrorOptions = {}) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
    this.fault = fault;
    this.retryAfter = retryAfter;
  }
}

const howTo =
  "Send a token: VARVE_TOKEN or varve login, docker login, curl -u :<token>, Authorization: Bearer <token>.";

/** The credential is rejected. */
export function rejected({ reason, detail, retryAfter }: CredentialRefusal, hint?: string): AccessError {
  switch (reason) {
    case "limited":
      return new AccessError(
        newProblem("too-many-attempts", {
          detail: `Cannot accept the credential: ${detail}`,
          hint: `Try again in ${retryAfter} seconds.`,
        }),
        { retryAfter },
      );
    case "unavailable":
      return new AccessError(
        newProblem("issuer-unavailable", { detail: `Cannot verify the credential: ${detail}` }),
        { retryAfter },
      );
    default:
      return new AccessError(
        newProblem(reason === "expired" ? "credential-expired" : "credential-invalid", {
          detail: `Cannot accept the credential: ${detail}`,
          ...(hint !== undefined && { hint }),
        }),
        { fault: "invalid_token" },
      );
  }
}

/** The caller has shown no credential, or only a token for what is public. */
export function unidentified(hint = howTo): AccessError {
  return new AccessError(
    newProblem("credential-missing", { detail: "Cannot answer the request without a credential", hint }),
  );
}

/** The credential is valid and does not grant this. Says nothing about whether the requested thing exists. */
export function forbidden({ isNarrowed }: Caller, required?: Required): AccessError {
  const what =
    required === undefined
      ? "this"
      : "server" in required
        ? "admin on the server"
        : `${required.right} on ${required.repositories.map(displayRepository).join(", ")}`;
  const problem = newProblem("access-denied", {
    detail: `Cannot answer the request: the credential does not grant ${what}`.slice(0, 1000),
  });
  // The holder of a token that was issued for less can request another one, so this is a challenge.
  const status = isNarrowed ? 401 : problem.status;
  return new AccessError({ ...problem, status }, { fault: "insufficient_scope" });
}
