import type { Paint, Tone } from "./colors.ts";
import type { BuildSteps, ShownItem, ShownStep } from "./steps.ts";
import { shorten, widthOf } from "./width.ts";

export interface FrameSize {
  columns: number;
  /** Lines there is room for; any number when undefined. */
  rows: number | undefined;
}

export interface FrameOptions {
  paint: Paint;
  /** Lines of output that are shown of a step while it runs. */
  logLines: number;
  /** When the command began, in milliseconds of the same clock as `now`. */
  began: number;
  /** What builds, at the right of the first line. */
  server: string;
}

interface Line {
  text: string;
  tone?: Tone | undefined;
}

/** What the terminal shows of a build at a moment. No line is wider than the terminal, and none has a line end. */
export function frame(
  steps: BuildSteps,
  { columns, rows }: FrameSize,
  options: FrameOptions,
  now: number,
): string[] {
  const blocks = steps.shown.map((step) => linesOf(step, columns, options, now));
  const room = rows === undefined ? Number.POSITIVE_INFINITY : rows - 2;
  const lines = fitBlocks(steps.shown, blocks, room);
  return [header(steps, columns, options, now), ...lines].map(({ text, tone }) =>
    tone === undefined ? text : options.paint(tone, text),
  );
}

function header(steps: BuildSteps, columns: number, { began, server }: FrameOptions, now: number): Line {
  const counts = `(${steps.finished}/${Math.max(steps.total, steps.shown.length)})`;
  const end = steps.outcome === "done" ? " FINISHED" : steps.outcome === "cancelled" ? " CANCELED" : "";
  const left = `[+] Building ${seconds(now - began)} ${counts}${end}`;
  const right = `varve:${server}`;
  // Where there is no room for both, the place is what everybody knows.
  return {
    text: left.length + right.length < columns ? columnsOf(left, right, columns) : shorten(left, columns),
  };
}

/** Lines that a step has: itself, and while it runs what it counts and says. */
function linesOf(step: ShownStep, columns: number, options: FrameOptions, now: number): Line[] {
  const isOpen = step.state === "running" || step.state === "waiting";
  const time = isOpen ? now - step.started : step.milliseconds;
  const tone = TONES[step.state];
  const size = step.layerBytes === undefined || step.state !== "done" ? "" : `${bytes(step.layerBytes)}  `;
  const lines: Line[] = [
    { text: columnsOf(` => ${PREFIXES[step.state]}${step.name}`, `${size}${seconds(time)}`, columns), tone },
  ];
  if (!isOpen && step.state !== "failed") return lines;
  for (const [message, item] of step.items) {
    lines.push({
      text: columnsOf(
        ` => => ${message} ${amount(item, columns, now)}`,
        seconds(now - item.started),
        columns,
      ),
    });
  }
  if (step.waiting !== undefined)
    lines.push({ text: shorten(` => => ${step.waiting}`, columns), tone: "warning" });
  const log = options.logLines > 0 ? step.log.slice(-options.logLines) : [];
  for (const text of log) lines.push({ text: shorten(` => => # ${text}`, columns) });
  return lines;
}

const TONES: Readonly<Record<ShownStep["state"], Tone | undefined>> = {
  running: undefined,
  waiting: undefined,
  cached: "cached",
  done: "run",
  failed: "error",
  cancelled: "cancel",
};

const PREFIXES: Readonly<Record<ShownStep["state"], string>> = {
  running: "",
  waiting: "",
  cached: "CACHED ",
  done: "",
  failed: "ERROR ",
  cancelled: "CANCELED ",
};

/**
 * As many lines as there is room for. Steps that have ended go first, the oldest before the others; then the output of
 * those that run becomes shorter; at last there is only the newest.
 */
function fitBlocks(steps: readonly ShownStep[], blocks: readonly Line[][], room: number): Line[] {
  const kept = blocks.map((lines) => lines.length);
  let count = kept.reduce((sum, length) => sum + length, 0);
  const shrink = (index: number, to: number) => {
    const length = Math.max(to, (kept[index] as number) - (count - room));
    if (length >= (kept[index] as number)) return;
    count -= (kept[index] as number) - length;
    kept[index] = length;
  };
  const isOpen = (step: ShownStep | undefined) => step?.state === "running" || step?.state === "waiting";
  for (let i = 0; i < blocks.length && count > room; i++) if (!isOpen(steps[i])) shrink(i, 0);
  for (let i = 0; i < blocks.length && count > room; i++) shrink(i, 1);
  for (let i = 0; i < blocks.length && count > room; i++) shrink(i, 0);
  return blocks.flatMap((lines, i) => {
    const length = kept[i] as number;
    const [first, ...rest] = lines;
    if (length === 0 || first === undefined) return [];
    // The last lines of output are those that matter.
    return [first, ...(length === 1 ? [] : rest.slice(-(length - 1)))];
  });
}

/** Left and right in one line, with at least a blank between them. */
function columnsOf(left: string, right: string, columns: number): string {
  const room = columns - widthOf(right) - 1;
  if (room < 8) return shorten(left, columns);
  const cut = shorten(left, room);
  return `${cut}${" ".repeat(room - widthOf(cut) + 1)}${right}`;
}

/** Columns of a bar, where there is room for one. */
const BAR = 20;

function amount({ current, total, started }: ShownItem, columns: number, now: number): string {
  const elapsed = (now - started) / 1000;
  const rate = elapsed >= 0.5 && current > 0 ? ` ${bytes(current / elapsed)}/s` : "";
  if (total === undefined || total === 0) return `${bytes(current)}${rate}`;
  const filled = Math.min(BAR, Math.floor((current / total) * BAR));
  const bar = columns >= 72 ? ` [${"=".repeat(filled)}${" ".repeat(BAR - filled)}]` : "";
  return `${bytes(current)} / ${bytes(total)}${bar}${rate}`;
}

function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in three or four digits, in powers of a thousand as docker writes them. */
export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}${UNITS[unit]}`;
}
