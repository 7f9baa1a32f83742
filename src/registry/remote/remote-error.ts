export type UpstreamErrorCode =
  /** No such repository, tag or digest. */
  | "NOT_FOUND"
  /** Credentials are missing or wrong, or the repository does not exist: many registries do not say which. */
  | "UNAUTHORIZED"
  | "DENIED"
  | "RATE_LIMITED"
  /** The registry is out of order. */
  | "UNAVAILABLE"
  /** There is no such host. */
  | "NO_HOST"
  /** The registry could not be reached, or the connection broke off. */
  | "NETWORK"
  | "TIMEOUT"
  /** The address may not be asked. */
  | "REFUSED"
  /** The answer is not what was asked for: another digest or size, no manifest, too large. */
  | "BAD_ANSWER"
  /** The image has nothing for the platform. */
  | "NO_PLATFORM"
  /** What the name stands for is a manifest, but not of a container image. */
  | "NOT_AN_IMAGE";

/** An image that another registry did not give. The message is worded as containerd and BuildKit word it. */
export class UpstreamError extends Error {
  override name = "UpstreamError";
  readonly code: UpstreamErrorCode;

  constructor(code: UpstreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
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

/** The error for an answer that is neither success, redirect, 401 nor 404. `detail` is what the registry says. */
export function statusError(
  method: string,
  url: string,
  status: number,
  detail: string | undefined,
): UpstreamError {
  const text = [status, STATUS_TEXT[status]].filter(Boolean).join(" ");
  const message = `unexpected status from ${method} request to ${url}: ${text}`;
  return new UpstreamError(codeOf(status), detail === undefined ? message : `${message}: ${detail}`);
}

function codeOf(status: number): UpstreamErrorCode {
  if (status === 429) return "RATE_LIMITED";
  if (status === 403) return "DENIED";
  return status >= 500 || status === 408 ? "UNAVAILABLE" : "BAD_ANSWER";
}

/** The error for a request that had no answer. */
export function networkError(method: string, url: string, error: unknown): UpstreamError {
  const { hostname, protocol, port } = new URL(url);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // Node says in `code` what happened; it is put in the words of Go.
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
  // workerd has no other words for a name that does not resolve.
  const reason = message.startsWith("internal error")
    ? `no connection to ${JSON.stringify(hostname)}`
    : message;
  return requestError("NETWORK", method, url, reason, error);
}

/** An error in the form of Go's HTTP client. */
export function requestError(
  code: UpstreamErrorCode,
  method: string,
  url: string,
  reason: string,
  cause?: unknown,
): UpstreamError {
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  return new UpstreamError(code, `failed to do request: ${verb} ${JSON.stringify(url)}: ${reason}`, {
    cause,
  });
}
