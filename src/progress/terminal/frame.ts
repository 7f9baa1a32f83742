import type { BuildProgress } from "../build-progress.ts";
import { hasStepEnded, isOpen, type StepProgress, type StepState, type Transfer } from "../step-progress.ts";
import { plainLine } from "../terminal-text.ts";
import { formatByteCount, formatSeconds, formatTransfer } from "../units.ts";
import type { Paint, Tone } from "./colors.ts";
import { shortenToWidth, widthOf } from "./width.ts";

export interface FrameSize {
  columns: number;
  /** Height of the terminal; unlimited when undefined. */
  rows: number | undefined;
}

export interface FrameOptions {
  paint: Paint;
  /** Maximum number of output lines shown for each running step. */
  logLines: number;
  /** Host of the server, shown at the right of the first line. */
  server: string;
}

interface FrameTime {
  /** Milliseconds since the command started. */
  elapsed: number;
  /** Milliseconds on the time line of the build. */
  now: number;
}

interface Line {
  text: string;
  tone?: Tone | undefined;
}

/** The lines of a step, the most important first. */
interface Block {
  step: StepProgress;
  title: Line;
  details: Line[];
  log: Line[];
}

/**
 * The terminal view of a build at a moment, like BuildKit's: running steps with their durations and last output lines,
 * and ended steps as far as there is space. No line is wider than the terminal or contains a line end.
 */
export function drawFrame(
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
  // The server is omitted when there is no space for both.
  const hasRoom = left.length + right.length < columns;
  return { text: hasRoom ? columnsOf(left, right, columns) : shortenToWidth(left, columns) };
}

function blockOf(step: StepProgress, columns: number, { logLines }: FrameOptions, now: number): Block {
  const { state, started = now, milliseconds = 0, name, layer } = step;
  const isRunning = isOpen(step);
  const size = layer === undefined || state !== "done" ? "" : `${formatByteCount(layer.size)}  `;
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
    details.push({ text: shortenToWidth(` => => ${plainLine(step.waiting)}`, columns), tone: "warning" });
  }
  const log = step.output
    .last(logLines)
    .map(({ text }) => ({ text: shortenToWidth(` => => # ${plainLine(text)}`, columns) }));
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
 * The lines that fit. Drops ended steps first, oldest first; then shortens the output of all running steps equally;
 * then drops their transfers. If running steps still do not fit, shows only their number.
 */
function fitBlocks(blocks: readonly Block[], columns: number, room: number): Line[] {
  const open = blocks.filter(({ step }) => !hasStepEnded(step));
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
    if (!hasStepEnded(block.step)) continue;
    if (left-- <= 0) break;
    ended.add(block);
  }
  return blocks
    .filter((block) => !hasStepEnded(block.step) || ended.has(block))
    .flatMap(({ title, details, log }) => [title, ...details, ...(lines === 0 ? [] : log.slice(-lines))]);
}

/** As many running steps as fit, without their details. */
function fitTitles(open: readonly Block[], columns: number, room: number): Line[] {
  if (open.length <= room) return open.map(({ title }) => title);
  const shown = open.slice(0, Math.max(0, room - 1)).map(({ title }) => title);
  const rest = open.length - shown.length;
  return room === 0
    ? []
    : [...shown, { text: shortenToWidth(` => ... and ${rest} more running steps`, columns) }];
}

/** Left and right text in one line, with at least one blank between them. */
function columnsOf(left: string, right: string, columns: number): string {
  const room = columns - widthOf(right) - 1;
  if (room < 8) return shortenToWidth(left, columns);
  const cut = shortenToWidth(left, room);
  return `${cut}${" ".repeat(room - widthOf(cut) + 1)}${right}`;
}

/** Width of a progress bar, and of a terminal with space for one. */
const BAR = 20;
const MIN_COLUMNS_FOR_BAR = 72;

function transferText({ current, total, started }: Transfer, columns: number, now: number): string {
  const seconds = (now - started) / 1000;
  const rate = seconds >= 0.5 && current > 0 ? ` ${formatByteCount(current / seconds)}/s` : "";
  const filled = total === undefined || total === 0 ? 0 : Math.min(BAR, Math.floor((current / total) * BAR));
  const hasBar = total !== undefined && total > 0 && columns >= MIN_COLUMNS_FOR_BAR;
  const bar = hasBar ? ` [${"=".repeat(filled)}${" ".repeat(BAR - filled)}]` : "";
  return `${formatTransfer(current, total)}${bar}${rate}`;
}
