import type { PruneOptions, PruneReport } from "../../../schemas/usage.ts";
import type { Service } from "../../client/service.ts";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { ignored } from "../../command/flags/table.ts";
import { openService } from "../../command/open-service.ts";
import { sizeText } from "../../progress/short-text.ts";
import { pause } from "../../streams/pause.ts";
import { command } from "../command.ts";
import { askLine } from "../terminal/prompt.ts";

/** Milliseconds between two requests for the report. */
const PAUSE = 500;

const SPACE = "prune selects data by age: use --unused";

/** `varve prune`. */
export const pruneCommand = command(
  {
    name: "prune",
    usage: "[OPTIONS] [REPOSITORY...]",
    summary: "Delete unused data and old images from the server",
    about:
      "Deletes data that no image and no recent build uses. Deletes tags only with --keep or --until. Ages are written as 36h, 7d or 1h30m. Data of the last day is always kept.",
    flags: {
      "dry-run": { kind: "bool", help: "Print what would be deleted, and delete nothing" },
      filter: { kind: "list", value: "FILTER", help: "until=AGE, like --unused" },
      force: { kind: "bool", short: "f", help: "Do not prompt for confirmation" },
      format: { kind: "text", choices: ["table", "json"], value: "KIND", help: "table or json" },
      keep: {
        kind: "text",
        value: "NUMBER",
        help: "Delete tags, except this many of each repository: the most recent ones",
      },
      unused: {
        kind: "text",
        value: "AGE",
        help: "Delete contexts and build cache layers that were not used for this time (default: 7d)",
      },
      untagged: { kind: "text", value: "AGE", help: "Delete untagged images that are at least this old" },
      until: {
        kind: "text",
        value: "AGE",
        help: "Delete tags that were set longer ago than this, and the history of older builds",
      },
      ...serverFlags,
      // Flags of `docker builder prune`.
      all: ignored("bool", "the build cache has only one kind of records", "a"),
      builder: ignored("text", "the server is the only builder"),
      "keep-storage": ignored("text", SPACE),
      "max-used-space": ignored("text", SPACE),
      "min-free-space": ignored("text", SPACE),
      "reserved-space": ignored("text", SPACE),
      verbose: ignored("bool", "there is no more detailed output"),
    },
    args: [0, Number.POSITIVE_INFINITY],
  },
  async ({ values, args }) => {
    const options: PruneOptions = {
      dryRun: values["dry-run"] ?? false,
      ...optional("until", values.until),
      ...(values.keep !== undefined && { keep: count(values.keep) }),
      ...optional("untagged", values.untagged),
      ...optional("unused", values.unused ?? ageOf(values.filter)),
      ...(args.length > 0 && { repositories: args }),
    };
    const server = serverFlag(values.server, process.env);
    if (!values.force && !values["dry-run"]) {
      const tags = options.keep === undefined && options.until === undefined ? "" : " and tags";
      process.stderr.write(`WARNING! This deletes unused data${tags} from ${server}.\n`);
      if (
        !/^y(es)?$/i.test(
          await askLine("Are you sure you want to continue? [y/N] ", "Use --force to skip this question."),
        )
      )
        return EXIT.ok;
    }
    const report = await prune(await openService({ server, token: values.token }), options);
    if (values.format === "json") process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(reportText(report));
    return EXIT.ok;
  },
);

/** Polls for the report, because a prune of a large store takes longer than one request may. */
async function prune(service: Service, options: PruneOptions): Promise<PruneReport> {
  const body = JSON.stringify(options);
  const headers = { "content-type": "application/json" };
  let report = await service.ask<PruneReport>("/v1/prune", { method: "POST", headers, body });
  while (report.state === "running") {
    await pause(PAUSE);
    report = await service.ask<PruneReport>(`/v1/prune?id=${report.id}`);
  }
  if (report.state === "failed") throw new CommandError(report.detail ?? "The prune failed on the server");
  return report;
}

function reportText({ dryRun, tags, manifests, total }: PruneReport): string {
  const lines = [
    ...tags.map((tag) => `Untagged: ${tag}`),
    ...manifests.map((manifest) => `Deleted: ${manifest}`),
    `${dryRun ? "Reclaimable" : "Total reclaimed"} space: ${sizeText(total.bytes)} in ${total.objects} objects`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function optional<N extends string>(name: N, value: string | undefined): Partial<Record<N, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<N, string>);
}

/** The age in the filters of `docker builder prune`, which is that of build cache. */
function ageOf(filters: readonly string[]): string | undefined {
  for (const filter of filters) {
    if (!filter.startsWith("until=")) throw new UsageError(`invalid filter "${filter}"`, "Use until=AGE.");
  }
  return filters.at(-1)?.slice("until=".length);
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--keep must be a whole number, not "${text}"`);
}
