import type { Addresses, Case } from "./case.ts";
import type { Expected } from "./compare.ts";
import { contextMembers } from "./context.ts";
import type { CaseRecord } from "./records.ts";
import { isFailure, type Outcome, type RootfsEntry } from "./result.ts";

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** Results that docker shares were made after this. No case has times from then on, but those that builds make. */
const shared = now() - 24 * 60 * 60;

/**
 * An outcome with "now" in place of the times that lie within its build, which is just over: those of what the build
 * itself made. Times of the day before the build are left out: docker unpacked a base then, or another build made the file,
 * whose result docker shares.
 * @param since when the build started, in seconds since 1970
 */
export function settleTimes(outcome: Outcome, since: number): Outcome {
  if (isFailure(outcome)) return outcome;
  const until = now();
  const settle = ({ mtime, ...entry }: RootfsEntry): RootfsEntry => {
    if (typeof mtime !== "number") return entry;
    if (mtime >= since && mtime <= until) return { ...entry, mtime: "now" };
    return mtime >= shared && mtime < since ? entry : { ...entry, mtime };
  };
  return { ...outcome, rootfs: outcome.rootfs.map(settle) };
}

/**
 * An outcome without the times of directories that a RUN may have changed: layers of BuildKit contain a directory in which
 * a mount point was made, and leave it out when nothing but its time is different, which depends on the snapshotter.
 */
export function withoutTimesOfRun({ dockerfile }: Case, outcome: Outcome): Outcome {
  if (isFailure(outcome) || !/^\s*(?:ONBUILD\s+)?RUN\s/im.test(dockerfile)) return outcome;
  return {
    ...outcome,
    rootfs: outcome.rootfs.map((entry) => (hasTimeOfBuild(entry) ? untimed(entry) : entry)),
  };
}

/**
 * A record with the times of another one of the same case where docker's own times depend on its earlier builds: those of
 * directories, of what the build itself makes, and those that were not recorded.
 */
export function withRecordedTimes(made: CaseRecord, recorded: CaseRecord): CaseRecord {
  if (isFailure(made) || isFailure(recorded)) return made;
  const times = new Map(recorded.rootfs.map(({ path, mtime }) => [path, mtime]));
  const rootfs = made.rootfs.map((entry) => {
    const mtime = times.get(entry.path);
    if (!times.has(entry.path) || (typeof mtime === "number" && entry.type !== "dir")) return entry;
    return mtime === undefined ? untimed(entry) : { ...entry, mtime };
  });
  return { ...made, rootfs };
}

/**
 * What is expected of an image, without the times that docker gives by chance:
 * - BuildKit 0.13 writes files into a directory of the context after it has set its time;
 * - Docker's graph drivers cannot merge, so `--link` makes no directories anew.
 */
export function expectedTimes(
  testCase: Case,
  expected: Expected,
  made: Outcome,
  addresses: Addresses,
): Expected {
  if ("fails" in expected || isFailure(made)) return expected;
  const context = contextMembers(testCase, addresses).filter(({ type }) => type === "dir");
  const ofContext = new Set(context.map(({ mtime }) => mtime));
  const isOfContext = new Set(
    made.rootfs
      .filter(({ mtime }) => typeof mtime === "number" && ofContext.has(mtime))
      .map(({ path }) => path),
  );
  const isMerged = /\s--link\s/.test(testCase.dockerfile);
  const rootfs = expected.rootfs.map((entry) => {
    const isByChance =
      entry.type === "dir" && (isMerged || (hasTimeOfBuild(entry) && isOfContext.has(entry.path)));
    return isByChance ? untimed(entry) : entry;
  });
  return { ...expected, rootfs };
}

function hasTimeOfBuild({ type, mtime }: RootfsEntry): boolean {
  return type === "dir" && mtime === "now";
}

function untimed({ mtime: _, ...entry }: RootfsEntry): RootfsEntry {
  return entry;
}
