import { MARK_HEADER } from "../../network/checked-fetch.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";

type Settings = Pick<Env, "VARVE_LOCAL">;

/** New at each start; never sent. */
let key: string | undefined;

/**
 * Returns a function that creates marks for the requests that builds of a local server send. A local server trusts requests
 * of its own machine, so it must recognise those that it sends itself. Marks are random, so other servers cannot link them. A
 * deployed server trusts no address and needs no marks.
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
      detail: "Cannot serve a request that this server has sent for a build",
      hint: "Use FROM or COPY --from to read images of this server.",
    },
    { [MARK_HEADER]: mark },
  );
}

/** Length of a UUID in characters. Created on first use: Workers cannot generate random values at startup. */
const NONCE_LENGTH = 36;

function markOf(nonce: string): string {
  key ??= crypto.randomUUID();
  return `${nonce}.${sha256Hex(`${key}.${nonce}`)}`;
}
