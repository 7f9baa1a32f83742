import type { BuildRecord } from "../../schemas/build.ts";
import type { BuildResult } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { explain } from "../engine/explain/explain.ts";
import type { BuildProgress } from "../progress/build-progress.ts";
import { failedOutput } from "../progress/failed-output.ts";
import { formatSeconds, scaleBytes } from "../progress/units.ts";
import { trimEnd } from "../streams/trim-end.ts";
import type { LintFinding } from "./annotations.ts";

/** Contents of a summary. */
export interface SummaryOptions {
  /** URL of the server. */
  server: string;
  /** Undefined when the build was not started. */
  id: string | undefined;
  build: BuildProgress;
  ended: { result: BuildResult } | { problem: Problem };
  findings: readonly LintFinding[];
  /** Bytes of the image, and of the previous image with its name. */
  size?: number | undefined;
  lastSize?: number | undefined;
  /** The last successful build of the branch. */
  lastBuild?: BuildRecord | undefined;
  branch?: string | undefined;
  /** Whether to explain why steps were executed. */
  why: boolean;
}

/** GitHub rejects summaries of more than 1 MiB per step, and other programs of the step may write, too. */
const MAX_BYTES = 768 * 1024;
const MAX_ROWS = 300;
const MAX_CELL = 500;
/** Characters of a time line. */
const BAR = 16;

/** The summary of a build as Markdown. Untrusted text in it is escaped. */
export function summary(options: SummaryOptions): string {
  const { ended, findings } = options;
  const parts = [
    `### ${titleOf(options)}`,
    "result" in ended ? resultPart(options, ended.result) : problemPart(options, ended.problem),
    lastBuildPart(options),
    stepsPart(options),
    findings.length === 0 ? "" : findingsPart(findings),
    linkPart(options),
  ];
  return cut(parts.filter(Boolean).join("\n\n"));
}

/** Limits the size, at the end of a line. */
function cut(markdown: string): string {
  const bytes = new TextEncoder().encode(markdown);
  if (bytes.length <= MAX_BYTES) return `${markdown}\n`;
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_BYTES));
  return `${text.slice(0, text.lastIndexOf("\n"))}\n\n… (the summary is too long for GitHub)\n`;
}

function titleOf({ ended, id }: SummaryOptions): string {
  if ("result" in ended) {
    const { tags, descriptor } = ended.result;
    return `varve built ${code(tags[0] ?? descriptor.digest)}`;
  }
  if (ended.problem.code === "cancelled") return "varve: the build was cancelled";
  return id === undefined ? "varve: the build was not started" : "varve: the build failed";
}

function resultPart({ server, size, lastSize }: SummaryOptions, result: BuildResult): string {
  const { descriptor, repository, tags } = result;
  const { host } = new URL(server);
  const names =
    tags.length > 0 ? tags.map((tag) => `${host}/${tag}`) : [`${host}/${repository}@${descriptor.digest}`];
  const lines = names.map((name) => `docker pull ${name}`).join("\n");
  const rows: [string, string][] = [["Digest", code(descriptor.digest)]];
  if (size !== undefined) rows.push(["Size", `${bytesText(size)}${changeText(size, lastSize)}`]);
  for (const { predicateType, digest } of result.attestations ?? [])
    rows.push(["Attestation", `${code(predicateType)} ${code(digest)}`]);
  return `${fence(lines)}\n\n${table(["", ""], rows)}`;
}

function problemPart({ build }: SummaryOptions, { title, detail, hint }: Problem): string {
  const text = [detail ?? title, ...failedOutput(build)].join("\n");
  return [fence(text), hint && plain(hint)].filter(Boolean).join("\n\n");
}

/** Compares this build with the last one of the branch. */
function lastBuildPart({ server, id, build, size, lastBuild, branch, ended }: SummaryOptions): string {
  if (lastBuild === undefined || "problem" in ended) return "";
  const { steps } = explain(id ?? "", build);
  const hits = steps.filter(({ status }) => status === "hit").length;
  const misses = steps.filter(({ status }) => status === "miss").length;
  const lastTime = Date.parse(lastBuild.ended ?? "") - Date.parse(lastBuild.started);
  const { steps: last, size: lastSize } = lastBuild;
  const rows: [string, string, string][] = [
    ["Time", formatSeconds(build.time), Number.isNaN(lastTime) ? "" : formatSeconds(lastTime)],
    [
      "Reused",
      `${hits} of ${hits + misses} steps`,
      last ? `${last.hits} of ${last.hits + last.misses} steps` : "",
    ],
  ];
  if (size !== undefined && lastSize !== undefined)
    rows.push(["Size", `${bytesText(size)}${changeText(size, lastSize)}`, bytesText(lastSize)]);
  const title = `[Last build of ${plain(branch ?? "")}](${buildUrl(server, lastBuild.id)})`;
  return table(["", "This build", title], rows);
}

function stepsPart({ id, build, why }: SummaryOptions): string {
  const { steps } = explain(id ?? "", build);
  if (steps.length === 0) return "";
  const counts = { hit: 0, miss: 0, "not needed": 0, unknown: 0 };
  for (const { status } of steps) counts[status] += 1;
  const head = ["Step", "Build cache", "Time", "Time line", "Layer", ...(why ? ["Why"] : [])];
  const rows = steps.slice(0, MAX_ROWS).map((step) => {
    const { milliseconds, layer, started, ended } = build.steps.get(step.id) ?? {};
    return [
      code(step.name),
      step.status,
      milliseconds === undefined ? "" : formatSeconds(milliseconds),
      milliseconds === undefined || started === undefined || ended === undefined
        ? ""
        : bar(started, ended, build.time),
      layer === undefined ? "" : bytesText(layer.size),
      ...(why ? [step.status === "miss" ? plain(step.why) : ""] : []),
    ];
  });
  const more = steps.length > MAX_ROWS ? `\n\n… and ${steps.length - MAX_ROWS} more steps` : "";
  const totals = `${counts.hit} of ${steps.length} steps were found in the build cache, ${counts.miss} executed, ${counts["not needed"]} not needed.`;
  return `${totals}\n\n${table(head, rows)}${more}`;
}

/** A time line that shows when a step ran within the build. */
function bar(started: number, ended: number, total: number): string {
  const scale = BAR / Math.max(total, 1);
  const from = Math.min(Math.floor(started * scale), BAR - 1);
  const to = Math.min(Math.max(Math.ceil(ended * scale), from + 1), BAR);
  return "░".repeat(from) + "█".repeat(to - from) + "░".repeat(BAR - to);
}

function findingsPart(findings: readonly LintFinding[]): string {
  const rows = findings
    .slice(0, MAX_ROWS)
    .map(({ line, rule, message, severity }) => [String(line), severity, code(rule), plain(message)]);
  const more = findings.length > MAX_ROWS ? `\n\n… and ${findings.length - MAX_ROWS} more` : "";
  return `#### Dockerfile\n\n${table(["Line", "", "Rule", "Finding"], rows)}${more}`;
}

function linkPart({ server, id }: SummaryOptions): string {
  if (id === undefined) return "";
  const record = `${trimEnd(server, "/")}/v1/builds/${id}`;
  return `[Build ${id.slice(0, 12)}](${buildUrl(server, id)}) · [record](${record}) · [why each step](${record}/explain)`;
}

/** URL of the page of a build. Permanent, because a build's id is the digest of its inputs. */
export function buildUrl(server: string, id: string): string {
  return `${trimEnd(server, "/")}/#/builds/${id}`;
}

function changeText(size: number, last: number | undefined): string {
  if (last === undefined) return "";
  const change = size - last;
  if (change === 0) return ", as before";
  const share =
    last === 0 ? "" : `, ${change > 0 ? "+" : "−"}${((Math.abs(change) / last) * 100).toFixed(1)} %`;
  return ` (${change > 0 ? "+" : "−"}${bytesText(Math.abs(change))}${share})`;
}

/** In units of 1000, as docker counts. */
function bytesText(bytes: number): string {
  const { value, unit } = scaleBytes(bytes);
  return `${unit === "B" || value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

/** Escapes all characters with a meaning in Markdown or HTML, and shortens the text. */
function plain(text: string): string {
  const short = text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text;
  return short
    .toWellFormed()
    .replace(/\s+/g, " ")
    .replace(/[^\p{L}\p{N} ,;=/+…-]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** A code block, fenced with more backticks than it contains. */
function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const border = "`".repeat(longest + 1);
  const short = text.length > 20_000 ? `${text.slice(0, 20_000)}\n…` : text;
  return `${border}\n${short}\n${border}`;
}
