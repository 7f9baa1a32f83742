import { buildState } from "../../../schemas/build.ts";
import type { BuildEvent } from "../../../schemas/events.ts";
import { Builds } from "../../client/builds.ts";
import { EXIT, formatProblem, problemExitCode, UsageError } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { PlainText } from "../../progress/plain-text.ts";
import { singleChunk } from "../../streams/single-chunk.ts";
import { command } from "../command.ts";
import { formatFlag, formatRows, formatValue } from "../format/format-text.ts";
import { insightsText, listText, runsText } from "./builds-text.ts";
import { explanationText } from "./explain-command.ts";

const MAX_LISTED = 1000;

/** `varve builds`: the history of builds. */
export const buildsCommand = command(
  {
    name: "builds",
    usage: "list | log | explain | inspect | export | insights [OPTIONS] [BUILD|IMAGE]",
    summary: "List builds and show their logs and details",
    about:
      "Builds with equal inputs have the same id; each request starts a run of the build. BUILD is an id or a prefix of one " +
      "(default: the last build). list [IMAGE] lists runs; log prints the log of a run; explain shows why its steps were cached " +
      "or not; inspect prints its record and the other runs; export writes all its data as JSON; insights IMAGE compares the last " +
      "runs of an image.",
    flags: {
      run: { kind: "text", value: "N", help: "Number of the run (default: the last one)" },
      last: { kind: "text", short: "n", value: "N", help: "list, insights: number of runs (default: 20)" },
      state: {
        kind: "text",
        choices: buildState.options,
        value: "STATE",
        help: "list: show only runs in this state: running, done, failed or cancelled",
      },
      "no-trunc": { kind: "bool", help: "list: do not truncate ids" },
      output: {
        kind: "text",
        short: "o",
        value: "FILE",
        completes: "file",
        help: "export: the file (default: stdout)",
      },
      format: formatFlag,
      ...serverFlags,
    },
    args: [1, 2],
    words: ["list", "log", "explain", "inspect", "export", "insights"],
  },
  async ({ values, args: [action = "", name] }) => {
    const builds = new Builds(await openFlaggedService(values));
    const { format } = values;
    const isJson = format === "json";
    const run = values.run === undefined ? undefined : countOf("run", values.run);
    const n = values.last === undefined ? 20 : countOf("last", values.last);
    const print = (value: object, text: () => string) =>
      process.stdout.write(
        isJson
          ? `${JSON.stringify(value, null, 2)}\n`
          : format === undefined || format === "table"
            ? text()
            : formatValue(value, format),
      );
    switch (action) {
      case "list":
      case "ls": {
        const runs = await builds.list(n, { image: name, state: values.state });
        const table = () => listText(runs, values["no-trunc"] === true);
        process.stdout.write(formatRows(runs, values.format, { table }));
        return EXIT.ok;
      }
      case "log":
      case "logs":
        return await printLog(await builds.events(await builds.find(name), run), isJson);
      case "explain": {
        const explanation = await builds.explain(await builds.find(name), run);
        print(explanation, () => explanationText(explanation));
        return EXIT.ok;
      }
      case "inspect": {
        const id = await builds.find(name);
        const record = await builds.record(id, run);
        const { runs } = await builds.runs(id);
        print({ ...record, runs }, () => runsText(record, runs));
        return EXIT.ok;
      }
      case "export": {
        const id = await builds.find(name);
        const [record, explanation, events] = await Promise.all([
          builds.record(id, run),
          builds.explain(id, run),
          builds.events(id, run),
        ]);
        const log: BuildEvent[] = [];
        for await (const event of events) log.push(event);
        const kept = { record, explanation, events: log };
        const { writeTo } = await import("../../command/outputs/write-to.ts");
        await writeTo(values.output ?? "-", singleChunk(Buffer.from(`${JSON.stringify(kept, null, 2)}\n`)));
        return EXIT.ok;
      }
      case "insights": {
        if (name === undefined) throw new UsageError("varve builds insights requires the name of an image");
        const insights = await builds.insights(name, n);
        print(insights, () => insightsText(insights));
        return EXIT.ok;
      }
      default:
        throw new UsageError(
          `unknown action "${action}"`,
          "Use list, log, explain, inspect, export or insights.",
        );
    }
  },
);

/** Prints events as they come. @returns the exit code of the build */
async function printLog(events: AsyncIterable<BuildEvent>, isJson: boolean): Promise<number> {
  const text = new PlainText({ hasColors: process.stdout.isTTY });
  let status: number = EXIT.ok;
  for await (const event of events) {
    process.stdout.write(isJson ? `${JSON.stringify(event)}\n` : text.add(event));
    if (event.type !== "error") continue;
    if (!isJson) process.stdout.write(text.flush() + formatProblem(event.problem));
    status = problemExitCode(event.problem);
  }
  process.stdout.write(text.flush());
  return status;
}

/** @throws {UsageError} */
function countOf(flag: string, text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_LISTED) return count;
  throw new UsageError(`invalid value "${text}" for --${flag}`, `Use a number from 1 to ${MAX_LISTED}.`);
}
