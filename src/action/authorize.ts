import { readToken } from "../command/open-service.ts";
import { exchangeIdToken, hasIdToken, idToken } from "./id-token.ts";
import type { Inputs } from "./inputs.ts";
import type { Environment, Workflow } from "./workflow.ts";

/**
 * The job's credential for the server: the token of its inputs, or GitHub's OIDC token. Undefined when it has neither.
 * Masks the credential in the log.
 * @throws {UsageError} for a token that no header can contain
 * @throws {Error} when GitHub returns no token
 */
export async function authorize(
  server: string,
  inputs: Inputs,
  environment: Environment,
  workflow: Workflow,
): Promise<string | undefined> {
  const given = readToken(
    inputs.text("token") || environment.VARVE_TOKEN,
    "Check the input token, or the secret from which it comes.",
  );
  if (given !== undefined) {
    workflow.mask(given);
    return given;
  }
  if (!hasIdToken(environment)) return undefined;
  const signed = await idToken(environment, inputs.text("audience") || new URL(server).origin);
  workflow.mask(signed);
  const exchanged = await exchangeIdToken(server, signed);
  if (exchanged !== undefined) workflow.mask(exchanged);
  return exchanged ?? signed;
}
