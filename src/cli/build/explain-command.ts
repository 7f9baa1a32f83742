import type { Explanation } from "../../../schemas/build.ts";
import { Builds } from "../../client/builds.ts";
import { EXIT } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { command } from "../command.ts";
import { agoText } from "../terminal/list-format.ts";

/** `varve explain`: prints why each step of a build was executed or not. */
export const explainCommand = command(
  {
    name: "explain",
    usage: "[OPTIONS] [BUILD]",
    summary: "Show why the steps of a build were cached or not",
    about:
      "BUILD is the id of a build, or a prefix of one (default: the last build): buildx.build.ref in --metadata-file, or from `varve builds list`.",
    flags: {
      format: { kind: "text", choices: ["table", "json"], value: "KIND", help: "table or json" },
      ...serverFlags,
    },
    args: [0, 1],
  },
  async ({ values, args: [build] }) => {
    const builds = new Builds(await openFlaggedService(values));
    const id = await builds.find(build);
    if (build === undefined) process.stderr.write(await lastBuildText(builds, id));
    const explanation = await builds.explain(id);
    if (values.format === "json") {
      process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
      return EXIT.ok;
    }
    process.stdout.write(explanationText(explanation));
    return EXIT.ok;
  },
);

/** Describes the last build: it may not be the one that just failed, because a missing base image starts no build. */
async function lastBuildText(builds: Builds, id: string): Promise<string> {
  const { tags, state, started } = await builds.record(id);
  const image = tags.length > 0 ? ` of ${tags.join(", ")}` : "";
  return `Last build${image}: ${state}, started ${agoText(started, Date.now())}\n`;
}

/** A line for each step. */
export function explanationText({ steps }: Explanation): string {
  return steps
    .map(({ status, name, why }) => `${status.padEnd(10)} ${name}${why === "" ? "" : `: ${why}`}\n`)
    .join("");
}
