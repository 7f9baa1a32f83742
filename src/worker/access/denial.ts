import type { Problem } from "../../../schemas/problem.ts";
import { shownRepository } from "../../registry/names.ts";
import type { Caller, Refusal } from "./caller.ts";
import type { Required } from "./grants.ts";

/** Why a request is not answered, as a problem; handlers do not know of it. */
export class AccessError extends Error {
  override name = "AccessError";
  readonly problem: Omit<Problem, "type">;
  /** Of the challenge: RFC 6750, section 3.1. */
  readonly fault: "invalid_token" | "insufficient_scope" | undefined;
  /** Seconds after which another attempt has a chance. */
  readonly retryAfter: number | undefined;

  constructor(
    problem: Omit<Problem, "type">,
    { fault, retryAfter }: { fault?: AccessError["fault"]; retryAfter?: number | undefined } = {},
  ) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
    this.fault = fault;
    this.retryAfter = retryAfter;
  }
}

const howTo =
  "Show a token: VARVE_TOKEN or varve login, docker login, curl -u :<token>, Authorization: Bearer <token>.";

/** The credential is rejected. */
export function rejected({ reason, detail, retryAfter }: Refusal, hint?: string): AccessError {
  switch (reason) {
    case "limited":
      return new AccessError(
        {
          status: 429,
          code: "too-many-attempts",
          title: "Too many attempts have failed",
          detail: `Cannot accept the credential: ${detail}`,
          hint: `Try again in ${retryAfter} seconds.`,
        },
        { retryAfter },
      );
    case "unavailable":
      return new AccessError(
        {
          status: 503,
          code: "issuer-unavailable",
          title: "The credential cannot be verified now",
          detail: `Cannot verify the credential: ${detail}`,
        },
        { retryAfter },
      );
    default:
      return new AccessError(
        {
          status: 401,
          code: reason === "expired" ? "credential-expired" : "credential-invalid",
          title: "Invalid credentials",
          detail: `Cannot accept the credential: ${detail}`,
          ...(hint !== undefined && { hint }),
        },
        { fault: "invalid_token" },
      );
  }
}

/** Nothing was shown, or nothing but a token for what is public. */
export function unidentified(hint = howTo): AccessError {
  return new AccessError({
    status: 401,
    code: "credential-missing",
    title: "A credential is needed",
    detail: "Cannot answer the request without a credential",
    hint,
  });
}

/** Somebody is known, and may not do this. What he asked for may be there or not: nobody has looked. */
export function forbidden({ isNarrowed }: Caller, required?: Required): AccessError {
  const what =
    required === undefined
      ? "this"
      : "server" in required
        ? "admin on the server"
        : `${required.right} on ${required.repositories.map(shownRepository).join(", ")}`;
  const problem = {
    code: "access-denied",
    title: "The credential does not grant this",
    detail: `Cannot answer the request: the credential does not grant ${what}`.slice(0, 1000),
  };
  // A token that was made for less may be had for more.
  if (isNarrowed) return new AccessError({ status: 401, ...problem }, { fault: "insufficient_scope" });
  return new AccessError({ status: 403, ...problem }, { fault: "insufficient_scope" });
}
