import { MARK_HEADER } from "../../network/checked-fetch.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";

type Settings = Pick<Env, "VARVE_LOCAL">;

/** New at each start; never sent. */
let key: string | undefined;

/**
 * Makes the marks of requests that builds of a local server send. Such a server trusts its own machine, so it must
 * recognize its own requests. Two marks have nothing in common for a server that receives them. A deployed server
 * trusts no address and has no marks.
 */
export function requestMarks({ VARVE_LOCAL }: Settings): (() => string) | undefined {
  return VARVE_LOCAL === "1" ? () => markOf(crypto.randomUUID()) : undefined;
}

/** @throws {ProblemError} for a request that this server has sent */
export function rejectMarkedRequest({ headers }: Request, { VARVE_LOCAL }: Settings): void {
  const mark = headers.get(MARK_HEADER);
  if (VARVE_LOCAL !== "1" || mark === null) return;
  if (mark !== markOf(mark.slice(0, NONCE_LENGTH))) return;
  throw new ProblemError(
    "asked-by-build",
    {
      detail: "Cannot answer a request that this server has sent for a build",
      hint: "Name images of this server with FROM or COPY --from.",
    },
    { [MARK_HEADER]: mark },
  );
}

/** Characters of a UUID. Workers make no random values before the first request. */
const NONCE_LENGTH = 36;

function markOf(nonce: string): string {
  key ??= crypto.randomUUID();
  return `${nonce}.${sha256(`${key}.${nonce}`).slice("sha256:".length)}`;
}
