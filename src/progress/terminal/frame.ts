import type { BuildProgress } from "../build-progress.ts";
import { hasEnded, isOpen, type StepProgress, type StepState, type Transfer } from "../step-progress.ts";
import { plainLine } from "../terminal-text.ts";
import { formatBytes, formatSeconds, formatTransfer } from "../units.ts";
import type { Paint, Tone } from "./colors.ts";
import { shorten, widthOf } from "./width.ts";

export interface FrameSize {
  columns: number;
  /** Lines of the terminal; without limit when undefined. */
  rows: number | undefined;
}

export interface FrameOptions {
  paint: Paint;
  /** Lines of output that are shown of each running step. */
  logLines: number;
  /** Host of the server, at the right of the first line. */
  server: string;
}

export interface FrameTime {
  /** Milliseconds since the command started. */
  elapsed: number;
  /** Milliseconds on the time line of the build. */
  now: number;
}

interface Line {
  text: string;
  tone?: Tone | undefined;
}

/** The lines that belong to a step, in the order in which they are left out last. */
interface Block {
  step: StepProgress;
  title: Line;
  details: Line[];
  log: Line[];
}

/**
 * What a terminal shows of a build at a moment, as BuildKit does: running steps with their seconds and last lines of
 * output, and steps that have ended as far as there is room. No line is wider than the terminal or contains a line end.
 */
export function frame(
  progress: BuildProgress,
  { columns, rows }: FrameSize,
  options: FrameOptions,
  { elapsed, now }: FrameTime,
): string[] {
  const blocks = progress.started.map((step) => blockOf(step, columns, options, now));
  const room = rows === undefined ? Number.POSITIVE_INFINITY : Math.max(0, rows - 2);
  const lines = [header(progress, columns, options, elapsed), ...fitBlocks(blocks, columns, room)];
  return lines.map(({ text, tone }) => (tone === undefined ? text : options.paint(tone, text)));
}

function header(progress: BuildProgress, columns: number, { server }: FrameOptions, elapsed: number): Line {
  const { status, ended, total } = progress;
  const end = status === "done" ? " FINISHED" : status === "cancelled" ? " CANCELED" : "";
  const left = `[+] Building ${formatSeconds(elapsed)} (${ended}/${total})${end}`;
  const right = `varve:${server}`;
  // The server is left out where there is no room for both.
  const hasRoom = left.length + right.length < columns;
  return { text: hasRoom ? columnsOf(left, right, columns) : shorten(left, columns) };
}

function blockOf(step: StepProgress, columns: number, { logLines }: FrameOptions, now: number): Block {
  const { state, started = now, milliseconds = 0, name, layer } = step;
  const isRunning = isOpen(step);
  const size = layer === undefined || state !== "done" ? "" : `${formatBytes(layer.size)}  `;
  const seconds = formatSeconds(isRunning ? now - started : milliseconds);
  const title = {
    text: columnsOf(` => ${prefixes[state] ?? ""}${name}`, `${size}${seconds}`, columns),
    tone: tones[state],
  };
  if (!isRunning) return { step, title, details: [], log: [] };
  const details: Line[] = [...step.transfers].map(([message, transfer]) => {
    const text = ` => => ${plainLine(message)} ${transferText(transfer, columns, now)}`;
    return { text: columnsOf(text, formatSeconds(now - transfer.started), columns) };
  });
  if (step.waiting !== undefined) {
    details.push({ text: shorten(` => => ${plainLine(step.waiting)}`, columns), tone: "warning" });
  }
  const log = step.output
    .last(logLines)
    .map(({ text }) => ({ text: shorten(` => => # ${plainLine(text)}`, columns) }));
  return { step, title, details, log };
}

const tones: Readonly<Partial<Record<StepState, Tone>>> = {
  cached: "cached",
  done: "run",
  failed: "error",
  cancelled: "cancel",
};

const prefixes: Readonly<Partial<Record<StepState, string>>> = {
  cached: "CACHED ",
  failed: "ERROR ",
  cancelled: "CANCELED ",
};

/**
 * The lines that there is room for. Steps that have ended are left out first, the oldest before the others; then the
 * output of running steps gets shorter, that of all alike; then what they read and write is left out. Of steps that still
 * have no room, only the number is shown.
 */
function fitBlocks(blocks: readonly Block[], columns: number, room: number): Line[] {
  const open = blocks.filter(({ step }) => !hasEnded(step));
  const least = open.reduce((sum, { details }) => sum + 1 + details.length, 0);
  if (least > room) return fitTitles(open, columns, room);
  const longest = open.reduce((max, { log }) => Math.max(max, log.length), 0);
  const lengthWith = (lines: number) =>
    open.reduce((sum, { log }) => sum + Math.min(lines, log.length), least);
  let lines = longest;
  while (lines > 0 && lengthWith(lines) > room) lines--;
  let left = room - lengthWith(lines);
  const ended = new Set<Block>();
  for (const block of blocks.toReversed()) {
    if (!hasEnded(block.step)) continue;
    if (left-- <= 0) break;
    ended.add(block);
  }
  return blocks
    .filter((block) => !hasEnded(block.step) || ended.has(block))
    .flatMap(({ title, details, log }) => [title, ...details, ...(lines === 0 ? [] : log.slice(-lines))]);
}

/** As many running steps as there is room for, without what belongs to them. */
function fitTitles(open: readonly Block[], columns: number, room: number): Line[] {
  if (open.length <= room) return open.map(({ title }) => title);
  const shown = open.slice(0, Math.max(0, room - 1)).map(({ title }) => title);
  const rest = open.length - shown.length;
  return room === 0 ? [] : [...shown, { text: shorten(` => ... and ${rest} more running steps`, columns) }];
}

/** Left and right in one line, with at least a blank between them. */
function columnsOf(left: string, right: string, columns: number): string {
  const room = columns - widthOf(right) - 1;
  if (room < 8) return shorten(left, columns);
  const cut = shorten(left, room);
  return `${cut}${" ".repeat(room - widthOf(cut) + 1)}${right}`;
}

/** Columns of a bar, and of a terminal that has room for one. */
const BAR = 20;
const MIN_COLUMNS_FOR_BAR = 72;

function transferText({ current, total, started }: Transfer, columns: number, now: number): string {
  const seconds = (now - started) / 1000;
  const rate = seconds >= 0.5 && current > 0 ? ` ${formatBytes(current / seconds)}/s` : "";
  const filled = total === undefined || total === 0 ? 0 : Math.min(BAR, Math.floor((current / total) * BAR));
  const hasBar = total !== undefined && total > 0 && columns >= MIN_COLUMNS_FOR_BAR;
  const bar = hasBar ? ` [${"=".repeat(filled)}${" ".repeat(BAR - filled)}]` : "";
  return `${formatTransfer(current, total)}${bar}${rate}`;
}
