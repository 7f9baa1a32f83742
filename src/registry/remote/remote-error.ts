import { NetworkPolicyError } from "../../network/network-policy.ts";
import { faultOfCode, RegistryError, type RegistryFault } from "../errors.ts";

/** The error that a registry reports (distribution-spec, "Error Codes"). */
export interface ErrorDetail {
  code: unknown;
  /** For example `blob_unknown: blob unknown to registry`. */
  message: string;
}

const STATUS_TEXT: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/**
 * The error for an unsuccessful response.
 * @param absent the fault for status 404 when the registry reports no other
 */
export function statusError(
  method: string,
  url: string,
  status: number,
  detail: ErrorDetail | undefined,
  absent: RegistryFault,
): RegistryError {
  const text = [status, STATUS_TEXT[status]].filter(Boolean).join(" ");
  const message = `unexpected status from ${method} request to ${url}: ${text}`;
  const fault = faultOf(status, detail?.code) ?? (status === 404 ? absent : "BAD_ANSWER");
  return new RegistryError(fault, detail === undefined ? message : `${message}: ${detail.message}`);
}

function faultOf(status: number, code: unknown): RegistryFault | undefined {
  switch (status) {
    case 403:
      return "DENIED";
    case 413:
      return "BLOB_TOO_LARGE";
    case 429:
      return "TOOMANYREQUESTS";
    case 405:
      return code === "DENIED" ? "CONTENT_NEEDED" : "UNSUPPORTED";
    case 400:
    case 404:
    case 416:
      return faultOfCode(code);
    default:
      return status >= 500 || status === 408 ? "UNAVAILABLE" : undefined;
  }
}

/** Whether a failed request may succeed when repeated. */
export function isTemporary(error: unknown): boolean {
  return error instanceof RegistryError && TEMPORARY.has(error.fault);
}

const TEMPORARY: ReadonlySet<RegistryFault> = new Set([
  "NETWORK",
  "TIMEOUT",
  "TOOMANYREQUESTS",
  "UNAVAILABLE",
]);

/** The error for a request without a response. */
export function networkError(method: string, url: string, error: unknown): RegistryError {
  if (error instanceof NetworkPolicyError) {
    return new RegistryError("ADDRESS_REFUSED", error.message, { cause: error });
  }
  const { hostname, protocol, port } = new URL(url);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // Translates Node's error codes to the messages of Go.
  switch (typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return requestError("NO_HOST", method, url, `dial tcp: lookup ${hostname}: no such host`, error);
    case "ECONNREFUSED": {
      const address = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
      return requestError("NETWORK", method, url, `dial tcp ${address}: connect: connection refused`, error);
    }
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
      return requestError("NETWORK", method, url, "connection reset by peer", error);
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  // workerd reports an unresolvable name as an internal error.
  const reason = message.startsWith("internal error")
    ? `no connection to ${JSON.stringify(hostname)}`
    : message;
  return requestError("NETWORK", method, url, reason, error);
}

/** An error formatted like those of Go's HTTP client. */
export function requestError(
  fault: RegistryFault,
  method: string,
  url: string,
  reason: string,
  cause?: unknown,
): RegistryError {
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  const message = `failed to do request: ${verb} ${JSON.stringify(url)}: ${reason}`;
  return new RegistryError(fault, message, { cause });
}
