import { MARK_HEADER } from "../network/checked-fetch.ts";
import type { Env } from "./environment.ts";
import { ProblemError } from "./problem.ts";

let mark: string | undefined;

/**
 * By which a server on one's own machine knows requests that its builds have sent: such a server trusts whoever is on
 * that machine, and it is itself. A deployed one trusts nobody for being where he is, and has none.
 */
export function ownMark({ VARVE_LOCAL }: Pick<Env, "VARVE_LOCAL">): string | undefined {
  if (VARVE_LOCAL !== "1") return undefined;
  mark ??= crypto.randomUUID();
  return mark;
}

/** @throws ProblemError for a request that this server has sent */
export function refuseOwn({ headers }: Request, env: Pick<Env, "VARVE_LOCAL">): void {
  const own = ownMark(env);
  if (own === undefined || headers.get(MARK_HEADER) !== own) return;
  throw new ProblemError(
    {
      status: 403,
      code: "asked-by-build",
      title: "A build cannot ask the server that carries it out",
      detail: "Cannot answer a request that this server has sent for a build",
      hint: "Name images of this server with FROM or COPY --from.",
    },
    { [MARK_HEADER]: own },
  );
}
