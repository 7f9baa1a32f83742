import type { Problem } from "../../../schemas/problem.ts";
import { displayRepository } from "../../registry/names.ts";
import { newProblem } from "../http/problem.ts";
import type { Caller, CredentialRefusal } from "./caller.ts";
import type { RequiredRight } from "./grants.ts";

interface AccessErrorOptions {
  /** Of the challenge: RFC 6750, section 3.1. */
  fault?: "invalid_token" | "insufficient_scope";
  /** Seconds after which another attempt may succeed. */
  retryAfter?: number | undefined;
}

/** The caller must not send a request. */
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

export function credentialRejectedError(
  { reason, detail, retryAfter }: CredentialRefusal,
  hint?: string,
): AccessError {
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

/** The error for a caller with no credential, or only a token for public repositories. */
export function credentialMissingError(hint = howTo): AccessError {
  return new AccessError(
    newProblem("credential-missing", { detail: "Cannot answer the request without a credential", hint }),
  );
}

/** The error for a valid credential without the required right. Does not reveal whether the requested thing exists. */
export function accessDeniedError({ isNarrowed }: Caller, required?: RequiredRight): AccessError {
  const what =
    required === undefined
      ? "this"
      : "server" in required
        ? "admin on the server"
        : `${required.right} on ${required.repositories.map(displayRepository).join(", ")}`;
  const problem = newProblem("access-denied", {
    detail: `Cannot answer the request: the credential does not grant ${what}`.slice(0, 1000),
  });
  // The client may get a registry token for more scopes, so send a challenge.
  const status = isNarrowed ? 401 : problem.status;
  return new AccessError({ ...problem, status }, { fault: "insufficient_scope" });
}
