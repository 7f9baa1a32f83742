import { computed } from "@preact/signals";
import { scaleBytes } from "../../progress/units.ts";
import { locale } from "./locale.ts";

const formats = computed(() => ({
  whole: new Intl.NumberFormat(locale.value, { maximumFractionDigits: 0 }),
  short: new Intl.NumberFormat(locale.value, { maximumSignificantDigits: 3 }),
  tenths: new Intl.NumberFormat(locale.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  percent: new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 1 }),
  time: new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "medium" }),
  list: new Intl.ListFormat(locale.value, { type: "conjunction" }),
}));

export function formatNumber(value: number): string {
  return formats.value.whole.format(value);
}

/** Formats a number with an English noun: `1 file`, `2 files`. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(count)} ${count === 1 ? singular : plural}`;
}

/** @param value a fraction: 1 is 100 % */
export function formatPercent(value: number): string {
  return formats.value.percent.format(value);
}

/** Formats bytes in decimal units, like docker: `1.23 MB`. */
export function formatBytes(bytes: number): string {
  const { value, unit } = scaleBytes(bytes);
  return `${formats.value.short.format(value)} ${unit}`;
}

/** Formats a duration: `340 ms`, `2.5 s`, `3:07 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${formatNumber(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${formats.value.short.format(seconds)} s` : formatMinutes(seconds);
}

/** Formats the duration of something that still runs: `0.3 s`, `12.0 s`, `3:07 min`. */
export function formatRunningTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 100) / 10;
  return seconds < 60 ? `${formats.value.tenths.format(seconds)} s` : formatMinutes(seconds);
}

function formatMinutes(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${formatNumber(minutes)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;
}

/** @param time RFC 3339 */
export function formatTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : formats.value.time.format(date);
}

/** Formats a list: `a, b, and c`. */
export function formatList(items: readonly string[]): string {
  return formats.value.list.format(items);
}
