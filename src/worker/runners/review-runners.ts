import { accessObject } from "../access/access-service.ts";
import { configuredOf } from "../access/configured.ts";
import type { Env } from "../environment.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { RunnerSockets } from "./runner-sockets.ts";

/** Disconnects runners whose tokens are no longer valid. */
export async function reviewRunners(env: Env, sockets: RunnerSockets, queue: JobQueue): Promise<void> {
  const holders = sockets.all().flatMap((runner) => {
    const { service } = runner;
    return service.kind === "pool" && service.standing ? { runner, standing: service.standing } : [];
  });
  if (holders.length === 0) return;
  const reasons = await accessObject(env).whyOver(
    holders.map(({ standing }) => standing),
    configuredOf(env),
  );
  for (const [index, { runner }] of holders.entries()) {
    const reason = reasons[index];
    if (reason === undefined) continue;
    runner.reject(reason);
    queue.revoke(runner);
  }
}

/** Times at which tokens of connected runners expire, in seconds since 1970. */
export function tokenExpiries(sockets: RunnerSockets): number[] {
  return sockets
    .all()
    .flatMap(({ service }) => (service.kind === "pool" ? (service.standing?.expires ?? []) : []));
}
