import type { Problem } from "../../schemas/problem.ts";
import { ServiceError, UnreachableError } from "../client/service.ts";
import { CommandError } from "../command/command-error.ts";
import { hasIdToken } from "./id-token.ts";
import type { Environment } from "./workflow.ts";

/** The problem to report for an error that ended the step. */
export function failureOf(error: unknown, environment: Environment, hasToken: boolean): Problem {
  if (error instanceof ServiceError) {
    const { problem } = error;
    if (problem.status !== 401 && problem.status !== 403) return problem;
    return { ...problem, hint: hintOf(environment, hasToken) ?? problem.hint };
  }
  const { message } = error instanceof Error ? error : new Error(String(error));
  const hint = error instanceof CommandError ? error.hint : undefined;
  return {
    type: "about:blank",
    title: message,
    status: 0,
    code: error instanceof UnreachableError ? "unreachable" : "step-failed",
    ...(hint !== undefined && { hint }),
  };
}

/** The usual cause of rejected jobs is a missing permission for OIDC tokens. */
function hintOf(environment: Environment, hasToken: boolean): string | undefined {
  if (hasToken || hasIdToken(environment)) return undefined;
  return "Allow the job to request an OIDC token from GitHub (permissions: id-token: write), or set the input token. A pull request from a fork can have neither.";
}
