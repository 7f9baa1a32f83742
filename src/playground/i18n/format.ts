import { computed } from "@preact/signals";
import { locale } from "./locale.ts";

const formats = computed(() => ({
  whole: new Intl.NumberFormat(locale.value, { maximumFractionDigits: 0 }),
  short: new Intl.NumberFormat(locale.value, { maximumSignificantDigits: 3 }),
  percent: new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 1 }),
  time: new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "medium" }),
  list: new Intl.ListFormat(locale.value, { type: "conjunction" }),
}));

export function formatNumber(value: number): string {
  return formats.value.whole.format(value);
}

/** @param value 1 is the whole */
export function formatPercent(value: number): string {
  return formats.value.percent.format(value);
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in decimal units, as docker tells them: `1.23 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${formats.value.short.format(value)} ${UNITS[unit]}`;
}

/** A stretch of time: `340 ms`, `2.5 s`, `3:07 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${formatNumber(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${formats.value.short.format(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${formatNumber(minutes)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;
}

/** @param time RFC 3339 */
export function formatTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : formats.value.time.format(date);
}

/** `a, b, and c`. */
export function formatList(items: readonly string[]): string {
  return formats.value.list.format(items);
}
