import { RegistryError, type RegistryFault } from "../../registry/errors.ts";
import { readCredential } from "./credential.ts";
import { demandOf } from "./demand.ts";
import type { AccessError } from "./denial.ts";
import { originOf } from "./origin.ts";

const faults: Readonly<Record<number, RegistryFault>> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  429: "TOOMANYREQUESTS",
};

/** Why a request is not answered, as the registry says it. @param challenge what a 401 asks to be shown (RFC 9110, 11.6.1) */
export function registryDenial(
  { problem, retryAfter, message }: AccessError,
  challenge: string,
): RegistryError {
  const headers = {
    "Docker-Distribution-API-Version": "registry/2.0",
    ...(problem.status === 401 && { "WWW-Authenticate": challenge }),
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  };
  return new RegistryError(faults[problem.status] ?? "UNAVAILABLE", message, { headers });
}

/** Where a token for the request is to be had, and with which scope, as distribution's token specification says it. */
export function bearerChallenge(request: Request, { fault }: AccessError): string {
  const demand = demandOf(request);
  const scope = "scope" in demand ? demand.scope : undefined;
  // The faults are those of bearer tokens (RFC 6750, section 3.1).
  const isBearer = readCredential(request.headers.get("authorization"))?.scheme === "bearer";
  const parts = [
    `realm="${originOf(request)}/v2/token"`,
    `service="${new URL(request.url).host}"`,
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ...(fault === undefined || !isBearer ? [] : [`error="${fault}"`]),
  ];
  return `Bearer ${parts.join(",")}`;
}
