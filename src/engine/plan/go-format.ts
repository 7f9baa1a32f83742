import { quoteGo } from "../../dockerfile/quote.ts";
import { trimEnd } from "../../streams/trim-end.ts";

/**
 * Formats text like Go's `fmt`. BuildKit writes image history with it, so the same Dockerfile must give the same bytes
 * here.
 */

/** Quotes a list of texts like `%q`: `["a" "b"]`. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quoteGo).join(" ")}]`;
}

/** Formats a list of texts like `%v`: `[a b]`. */
export function goList(texts: readonly string[]): string {
  return `[${texts.join(" ")}]`;
}

const units = [
  ["ns", 1],
  ["µs", 1e3],
  ["ms", 1e6],
] as const;

/** Formats a duration in nanoseconds like Go: `1h2m3.5s`, `1.5ms`, `0s`. */
export function duration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 0) return `-${duration(-nanoseconds)}`;
  if (nanoseconds < 1e9) {
    const [unit, size] = units.findLast(([, size]) => nanoseconds >= size) ?? units[0];
    return `${decimal(nanoseconds, size)}${unit}`;
  }
  const minutes = Math.floor(nanoseconds / 60e9);
  const seconds = `${decimal(nanoseconds % 60e9, 1e9)}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}

/** `value / size` without rounding; `size` must be a power of ten. */
function decimal(value: number, size: number): string {
  const fraction = String(value % size).padStart(Math.round(Math.log10(size)), "0");
  const digits = size === 1 ? "" : trimEnd(fraction, "0");
  return `${Math.floor(value / size)}${digits && `.${digits}`}`;
}
