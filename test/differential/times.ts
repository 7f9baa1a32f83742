import type { Case } from "./case.ts";
import { isFailure, type Outcome, type RootfsEntry } from "./result.ts";

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * An outcome with "now" in place of the times that lie within its build, which is just over: those of what the build
 * itself made.
 * @param since when the build started, in seconds since 1970
 */
export function settleTimes(outcome: Outcome, since: number): Outcome {
  if (isFailure(outcome)) return outcome;
  const until = now();
  const settle = (entry: RootfsEntry): RootfsEntry => {
    const { mtime } = entry;
    const isNow = typeof mtime === "number" && mtime >= since && mtime <= until;
    return isNow ? { ...entry, mtime: "now" } : entry;
  };
  return { ...outcome, rootfs: outcome.rootfs.map(settle) };
}

/**
 * An outcome without the times of directories that a RUN may have changed: layers of BuildKit contain a directory in which
 * a mount point was made, and leave it out when nothing but its time is different, which depends on the snapshotter.
 */
export function withoutTimesOfRun({ dockerfile }: Case, outcome: Outcome): Outcome {
  if (isFailure(outcome) || !/^\s*(?:ONBUILD\s+)?RUN\s/im.test(dockerfile)) return outcome;
  const settle = ({ mtime, ...entry }: RootfsEntry): RootfsEntry =>
    mtime === undefined || (entry.type === "dir" && mtime === "now") ? entry : { ...entry, mtime };
  return { ...outcome, rootfs: outcome.rootfs.map(settle) };
}
