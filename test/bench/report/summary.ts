import type { Measurement } from "../builders/builder.ts";
import type { Comparison } from "../compare.ts";
import { median, table } from "./table.ts";

/** One build of a scenario by one builder beside docker; medians. Times are in seconds, sizes in bytes. */
export interface Summary {
  scenario: string;
  build: string;
  builder: string;
  docker: number;
  varve: number;
  ratio: number;
  goal?: number;
  /** Processes of RUN on the critical path, and what the build takes above them, with docker and with varve. */
  dockerPath: number;
  varvePath: number;
  overhead: number;
  /** Before the server began to build. */
  before?: number;
  dockerCpu: number;
  varveCpu: number;
  clientCpu: number;
  received?: number;
  sent?: number;
  runners?: { used: number; atOnce: number };
}

/** A summary for each builder but docker. */
export function summarize(comparison: Comparison): Summary[] {
  const { scenario, build, goal, measurements } = comparison;
  const { docker = [], ...others } = measurements;
  return Object.entries(others).map(([builder, all]): Summary => {
    const ours = (value: (one: Measurement) => number | undefined) =>
      median(all.map((one) => value(one) ?? Number.NaN));
    const theirs = (value: (one: Measurement) => number) => median(docker.map(value));
    const seconds = ours((one) => one.seconds);
    const runners = all.flatMap((one) => one.runners ?? []);
    return {
      scenario,
      build,
      builder,
      docker: theirs((one) => one.seconds),
      varve: seconds,
      ratio: seconds / theirs((one) => one.seconds),
      ...(goal !== undefined && { goal }),
      dockerPath: theirs((one) => one.path),
      varvePath: ours((one) => one.path),
      overhead: ours((one) => one.seconds - one.path),
      before: ours((one) => one.before),
      dockerCpu: theirs((one) => one.serverCpu),
      varveCpu: ours((one) => one.serverCpu),
      clientCpu: ours((one) => one.clientCpu),
      received: ours((one) => one.traffic?.received),
      sent: ours((one) => one.traffic?.sent),
      ...(runners.length > 0 && {
        runners: {
          used: Math.min(...runners.map(({ used }) => used)),
          atOnce: Math.min(...runners.map(({ atOnce }) => atOnce)),
        },
      }),
    };
  });
}

const HEAD = [
  "build",
  "docker s",
  "varve s",
  "ratio",
  "goal",
  "RUN path s",
  "above s",
  "above %",
  "docker CPU s",
  "server CPU s",
  "client CPU s",
  "in MB",
  "out MB",
];

export function summaryTable(summaries: readonly Summary[]): string {
  const rows = summaries.map((one) => [
    `${one.scenario}: ${one.build}${one.builder === "varve build" ? "" : ` (${one.builder})`}`,
    one.docker.toFixed(2),
    one.varve.toFixed(2),
    one.ratio.toFixed(2),
    one.goal === undefined ? "" : `<= ${one.goal}`,
    one.varvePath.toFixed(2),
    one.overhead.toFixed(2),
    one.varvePath === 0 ? "" : ((100 * one.overhead) / one.varvePath).toFixed(0),
    one.dockerCpu.toFixed(2),
    one.varveCpu.toFixed(2),
    // JSON has null for NaN.
    Number.isFinite(one.clientCpu) ? one.clientCpu.toFixed(2) : "",
    megabytes(one.received),
    megabytes(one.sent),
  ]);
  const runners = summaries.flatMap(({ scenario, builder, build, runners: used }) =>
    used === undefined || used.used === 0
      ? []
      : [
          `- ${scenario}: ${build} (${builder}): ${plural(used.used, "runner")} executed steps, ${used.atOnce} at the same time`,
        ],
  );
  return [table([HEAD, ...rows]), ...(runners.length > 0 ? [runners.join("\n")] : [])].join("\n\n");
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** Each RUN step of the cold builds, with docker and with varve. */
export function stepTable(comparisons: readonly Comparison[]): string {
  const rows: string[][] = [];
  for (const { scenario, build, measurements } of comparisons) {
    const { docker = [], "varve build": varve = [] } = measurements;
    for (const name of new Set(varve[0]?.runs.map((one) => one.name))) {
      const of = (all: readonly Measurement[], value: "seconds" | "processSeconds") =>
        median(
          all.map(({ runs }) => runs.find((one) => sameStep(one.name, name))?.[value] ?? Number.NaN),
        ).toFixed(2);
      const process = of(varve, "processSeconds");
      const step = `${scenario}, ${build}: ${name.slice(0, 60)}`;
      rows.push([step, of(docker, "seconds"), process, of(varve, "seconds")]);
    }
  }
  if (rows.length === 0) return "";
  return table([["RUN", "docker s", "varve's process s", "varve's step s"], ...rows]);
}

/** Docker counts the steps of a stage in another way, and leaves out line ends. */
function sameStep(one: string, other: string): boolean {
  const plain = (name: string) => {
    const [, stage = "", text = ""] = /^\[(.*?) ?\d+\/\d+\] (.*)$/s.exec(name) ?? [];
    return `${stage} ${text.replace(/[\s\\]+/g, " ").trim()}`;
  };
  return plain(one) === plain(other);
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined || !Number.isFinite(bytes) ? "" : (bytes / 1e6).toFixed(1);
}
