import type { MtimeRule } from "./copy/changes.ts";
import type { LayerSettings } from "./keys/step-key.ts";
import type { StepDefinition } from "./plan/step.ts";

/** The time of every file with `timestamps=fixed`, in seconds since 1970: zip tools reject earlier ones. */
export const FIXED_EPOCH = 315_532_800;

/** Times of the entries that one step creates. Plain data. */
export interface EntryTimes {
  readonly timestamps: "preserve" | "fixed";
  /** Time of entries that the step creates rather than copies, in seconds since 1970. */
  readonly epoch: number;
}

/**
 * Times of the entries that a step creates. As in BuildKit, only directories of WORKDIR follow SOURCE_DATE_EPOCH.
 * @param now milliseconds since 1970
 */
export function entryTimes(
  { timestamps, epoch }: Pick<LayerSettings, "timestamps" | "epoch">,
  kind: StepDefinition["kind"],
  now: number,
): EntryTimes {
  const made = timestamps === "fixed" ? FIXED_EPOCH : Math.floor(now / 1000);
  return { timestamps, epoch: kind === "workdir" ? (epoch ?? made) : made };
}

/** The rule for the times of a layer's entries: whole seconds, as BuildKit writes them. */
export function timesOf({ timestamps, epoch }: EntryTimes): MtimeRule {
  return (mtime) => (mtime === undefined ? epoch : timestamps === "fixed" ? FIXED_EPOCH : Math.floor(mtime));
}

/**
 * One time for all layers and configs of a build, RFC 3339: SOURCE_DATE_EPOCH, or the fixed time of files. Undefined when
 * each layer has its own time.
 */
export function commonCreated({
  timestamps,
  epoch,
}: Pick<LayerSettings, "timestamps" | "epoch">): string | undefined {
  const seconds = epoch ?? (timestamps === "fixed" ? FIXED_EPOCH : undefined);
  return seconds === undefined ? undefined : formatConfigTime(seconds * 1000);
}

/** Formats milliseconds since 1970 as RFC 3339 without trailing zeros, as Go writes the times of a config. */
export function formatConfigTime(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace(/\.(?:000|(\d)00|(\d\d)0)Z$/, (_, one, two = one) => (two === undefined ? "Z" : `.${two}Z`));
}
