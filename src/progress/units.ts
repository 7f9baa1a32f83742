const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A number of bytes in the largest decimal unit with at most three digits before the point. */
export function scaleBytes(bytes: number): { value: number; unit: string } {
  let value = bytes;
  let index = 0;
  while (Math.abs(value) >= 999.5 && index < UNITS.length - 1) {
    value /= 1000;
    index++;
  }
  return { value, unit: UNITS[index] as string };
}

/** Bytes as BuildKit prints them: `999B`, `1.00kB`, `12.35MB`. */
export function formatByteCount(bytes: number): string {
  const { value, unit } = scaleBytes(bytes);
  return `${unit === "B" ? Math.round(value) : value.toFixed(2)}${unit}`;
}

/** The progress of a transfer: `12.35MB / 20.00MB`, or `12.35MB` when the total is unknown. */
export function formatTransfer(current: number, total: number | undefined): string {
  return total === undefined
    ? formatByteCount(current)
    : `${formatByteCount(current)} / ${formatByteCount(total)}`;
}

/** A duration as BuildKit prints it: `1.2s`. */
export function formatSeconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`;
}

/** Seconds since a step started, as BuildKit prints them before a line of output: `0.123`, `12.34`, `123.4`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  return seconds.toFixed(seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
}
