import type { Problem } from "../../schemas/problem.ts";

/** The server answered with an error. */
export class ServiceError extends Error {
  override name = "ServiceError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/** The server did not answer, because it or the network is down. */
export class UnreachableError extends Error {
  override name = "UnreachableError";
  /** No program listens at the address. */
  readonly isRefused: boolean;
  /** The connection ended while a body was sent that can be read once, as when a proxy limits bodies. */
  readonly isCutOff: boolean;

  constructor(
    message: string,
    { isRefused = false, isCutOff = false, cause }: Partial<UnreachableError> = {},
  ) {
    super(message, { cause });
    this.isRefused = isRefused;
    this.isCutOff = isCutOff;
  }
}

/** The problem in a response that is not a success. */
export async function readProblem(response: Response): Promise<Problem> {
  const { status } = response;
  const moved = response.headers.get("location");
  if (moved !== null && status >= 300 && status < 400) return redirectProblem(status, moved);
  const text = await response.text();
  // An answer to HEAD has no body.
  if (text !== "" && /^application\/problem\+json\b/.test(response.headers.get("content-type") ?? "")) {
    return { ...(JSON.parse(text) as Problem), status };
  }
  if (status === 413) return bodyLimitProblem;
  const isPage = /^text\/html\b/.test(response.headers.get("content-type") ?? "");
  return foreignProblem(status, `status ${status}${text === "" || isPage ? "" : `: ${text.slice(0, 500)}`}`);
}

/** For a body that a proxy rejects. */
export const bodyLimitHint =
  "Build a folder with `varve build <folder>`, which sends it in parts. " +
  "An archive can be sent in parts with curl: docs/http.md, Bodies above the limit of a proxy.";

/** A proxy answers for the server, which never receives a body above the limit of the proxy. */
const bodyLimitProblem: Problem = {
  type: "about:blank",
  title: "A proxy in front of the server rejects bodies of this size",
  status: 413,
  code: "body-limit",
  detail: "Cannot send the request: a proxy in front of the server rejects bodies of this size (status 413)",
  hint: bodyLimitHint,
};

/** The problem for an answer that does not come from a varve server. */
export function foreignProblem(status: number, answer: string): Problem {
  return {
    type: "about:blank",
    title: "Not a varve server",
    status,
    code: "no-problem",
    detail: `The server at this address is not a varve server: it answered with ${answer}`,
    hint: "Check the address in --server or VARVE_SERVER.",
  };
}

function redirectProblem(status: number, location: string): Problem {
  return {
    type: "about:blank",
    title: "The server redirects",
    status,
    code: "moved",
    detail: `The server redirects to ${location}`,
    hint: "Set --server or VARVE_SERVER to the server's own address.",
  };
}

/** The reason of a failed `fetch`, which is in the `cause` of its error. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  if (problemCodeOf(error) === "ERR_SSL_WRONG_VERSION_NUMBER") return "it does not speak TLS; is it http://?";
  return cause.message || (problemCodeOf(error) ?? message);
}

/** Node's code of a network error, for example `ECONNREFUSED`. */
export function problemCodeOf(error: unknown): string | undefined {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : undefined;
}
