import { DISK_FULL, isFull } from "./files/disk.ts";
import { JobError } from "./job-error.ts";
import type { ControlGroups } from "./sandbox/control-group.ts";
import type { ResourceLimits } from "./sandbox/oci-spec.ts";
import type { Exit } from "./sandbox/sandbox.ts";

/** A step whose process did not exit with 0. */
interface FailedStep {
  /** Id of its container. */
  id: string;
  /** A folder on the disk that it wrote to. */
  folder: string;
  groups: ControlGroups;
  limits: ResourceLimits;
  /** Why the step had no network although it is not `--network=none`; with the remedy. */
  networkHint: string | undefined;
}

/** The error for a failed step, with its cause if known. */
export async function stepFailure(exit: Exit, step: FailedStep): Promise<JobError> {
  const { id, folder, groups, limits, networkHint } = step;
  const exitCode = exit.code ?? undefined;
  if (groups.ranOutOfMemory(id)) {
    const hint =
      limits.memory === undefined
        ? "The machine of the runner has no memory left."
        : `A step of this runner may use ${limits.memory} bytes of memory (--memory).`;
    return new JobError("out-of-memory", "it was killed because memory ran out", { exitCode, hint });
  }
  if (await isFull(folder)) return new JobError("out-of-disk", DISK_FULL, { exitCode });
  const hint = groups.ranOutOfPids(id)
    ? `The step reached the limit of ${limits.pids} processes and threads that a step of this runner may have (--pids-limit).`
    : networkHint;
  return exitCode === undefined
    ? new JobError("signal", `it was ended by ${exit.signal ?? "a signal"}`, { hint })
    : new JobError("exit", `exit code: ${exitCode}`, { exitCode, hint });
}
