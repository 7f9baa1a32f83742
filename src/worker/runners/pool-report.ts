import type { RunnerInfo } from "../../../schemas/runner-list.ts";
import type { JobTable } from "../jobs/job-table.ts";
import type { RunnerSockets } from "./runner-sockets.ts";
import type { Load } from "./runners-service.ts";

/** Connected runners that have sent their capabilities, except those of clients. */
export function runnersIn(sockets: RunnerSockets, table: JobTable): RunnerInfo[] {
  return ofPool(sockets).flatMap(({ id, hello }) => {
    if (hello === undefined) return [];
    // Do not publish the instance: it identifies the holder of snapshots.
    const { instance: _, isLasting: __, containers = 0, ...published } = hello;
    return { ...published, containers, jobs: table.ofRunner(id).length };
  });
}

export function loadIn(sockets: RunnerSockets, table: JobTable): Load {
  const runners = ofPool(sockets);
  return {
    runners: runners.length,
    capacity: runners.reduce((sum, { capacity }) => sum + capacity, 0),
    queued: table.inState("queued").length,
    running: table.inState("running").length,
  };
}

function ofPool(sockets: RunnerSockets) {
  return sockets.connected().filter(({ service }) => service.kind === "pool");
}
