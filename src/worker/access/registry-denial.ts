import { RegistryError, type RegistryFault } from "../../registry/errors.ts";
import { readCredential } from "./credential.ts";
import type { AccessError } from "./denial.ts";
import { originOf } from "./origin.ts";
import { requirementOf } from "./requirement.ts";

const faults: Readonly<Record<number, RegistryFault>> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  429: "TOOMANYREQUESTS",
};

/** The error as an error of the registry. @param challenge of a 401 (RFC 9110, 11.6.1) */
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

/** The challenge of distribution's token specification: the token endpoint and the scope for the request. */
export function bearerChallenge(request: Request, { fault }: AccessError): string {
  const requirement = requirementOf(request);
  const scope = "scope" in requirement ? requirement.scope : undefined;
  // Faults are only defined for bearer tokens (RFC 6750, section 3.1).
  const isBearer = readCredential(request.headers.get("authorization"))?.scheme === "bearer";
  const parts = [
    `realm="${originOf(request)}/v2/token"`,
    `service="${new URL(request.url).host}"`,
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ...(fault === undefined || !isBearer ? [] : [`error="${fault}"`]),
  ];
  return `Bearer ${parts.join(",")}`;
}
