import type { BuildRecord, Insights } from "../../../schemas/build.ts";
import { sizeText } from "../../progress/short-text.ts";
import { tableText } from "../../progress/table.ts";
import { formatSeconds } from "../../progress/units.ts";
import { agoText } from "../terminal/list-format.ts";

const SHORT_ID = 12;

/** Runs as a table. @param isWhole whether ids are printed whole */
export function listText(runs: readonly BuildRecord[], isWhole: boolean): string {
  const now = Date.now();
  const rows = runs.map((record) => [
    isWhole ? record.id : record.id.slice(0, SHORT_ID),
    String(record.run),
    record.tags[0] ?? "<none>",
    record.state,
    agoText(record.started, now),
    durationText(record),
    stepsText(record),
    sizeOf(record),
    record.origin ?? "",
    record.caller ?? "",
  ]);
  const titles = [
    "BUILD",
    "RUN",
    "IMAGE",
    "STATE",
    "STARTED",
    "DURATION",
    "REUSED",
    "SIZE",
    "PROGRAM",
    "CALLER",
  ];
  return tableText(titles, rows);
}

/** The record of a run, and the runs of the same build. */
export function runsText(record: BuildRecord, runs: readonly BuildRecord[]): string {
  const { id, run = 1, state, tags, started, caller, origin, joined = 0, result, problem } = record;
  const rows = [
    ["Build", id],
    ["Run", String(run)],
    ["State", state],
    ["Images", tags.join(", ") || "<none>"],
    ["Started", started],
    ["Duration", durationText(record)],
    ["Steps reused", stepsText(record)],
    ["Size", sizeOf(record)],
    ["Digest", result?.descriptor.digest ?? ""],
    ["Caller", caller ?? ""],
    ["Program", origin ?? ""],
    ["Joined by", joined === 0 ? "" : `${joined} further request${joined === 1 ? "" : "s"}`],
    ["Error", problem?.title ?? ""],
  ];
  const about = rows.flatMap(([name = "", value]) => (value ? [`${`${name}:`.padEnd(14)}${value}\n`] : []));
  return `${about.join("")}\n${listText(runs, false)}`;
}

export function insightsText({ image, runs, failed, duration, hitRate, steps, sizes }: Insights): string {
  const lines = [
    `${image}: ${runs} run${runs === 1 ? "" : "s"}, ${failed} failed`,
    ...(duration === undefined
      ? []
      : [
          `duration: last ${formatSeconds(duration.last)}, median ${formatSeconds(duration.median)}, longest ${formatSeconds(duration.longest)}`,
        ]),
    ...(hitRate === undefined ? [] : [`steps reused: ${Math.round(hitRate * 100)} %`]),
  ];
  const expensive = steps.map(({ name, executed, reused, total, median }) => [
    formatSeconds(total),
    formatSeconds(median),
    String(executed),
    String(reused),
    name,
  ]);
  const bySize = sizes.map(({ id, started, bytes }) => [sizeText(bytes), started, id.slice(0, SHORT_ID)]);
  return [
    `${lines.join("\n")}\n`,
    ...(expensive.length === 0
      ? []
      : [tableText(["TOTAL", "MEDIAN", "EXECUTED", "REUSED", "STEP"], expensive)]),
    ...(bySize.length === 0 ? [] : [tableText(["SIZE", "STARTED", "BUILD"], bySize)]),
  ].join("\n");
}

function durationText({ started, ended }: BuildRecord): string {
  return ended === undefined ? "" : formatSeconds(Date.parse(ended) - Date.parse(started));
}

function stepsText({ steps }: BuildRecord): string {
  return steps === undefined ? "" : `${steps.hits} of ${steps.hits + steps.misses}`;
}

function sizeOf({ size }: BuildRecord): string {
  return size === undefined ? "" : sizeText(size);
}
