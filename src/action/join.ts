import { existsSync, readdirSync } from "node:fs";
import { CommandError } from "../command/command-error.ts";
import { serverFlag } from "../command/flags/server-flag.ts";
import { joinImages } from "../command/outputs/join-images.ts";
import { authorize } from "./authorize.ts";
import { inLowerCase } from "./build-words.ts";
import { failureOf } from "./failure.ts";
import { Inputs } from "./inputs.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Runs the step of the join action: joins images of several platforms into one index.
 * @returns the exit code
 */
export async function join(environment: NodeJS.ProcessEnv, workflow: Workflow): Promise<number> {
  let hasToken = false;
  try {
    const inputs = new Inputs(environment);
    inputs.requireServer();
    const server = serverFlag(inputs.text("server"), environment);
    const sources = inputs.list("sources").flatMap(digestsOf);
    if (sources.length === 0) throw new CommandError("the input sources names no image");
    const tags = inputs.list("tags").map(inLowerCase);
    if (tags.length === 0) throw new CommandError("the input tags is missing");
    const token = await authorize(server, inputs, environment, workflow);
    hasToken = token !== undefined;
    const annotations = inputs.list("annotations", { ignoreComma: true });
    const pushes = inputs.flag("push", false);
    const digest = await joinImages({ server, token, tags, sources, annotations, pushes });
    workflow.print(digest);
    workflow.setOutput("digest", digest);
    return 0;
  } catch (error) {
    const { title, detail, hint } = failureOf(error, environment, hasToken);
    workflow.annotate("error", [detail ?? title, hint].filter(Boolean).join("\n"), { title: "varve" });
    return 1;
  }
}

/** Digests of one source. For a folder, those are the names of its files; `sha256:` may be left out. */
function digestsOf(source: string): string[] {
  if (!existsSync(source)) return [source];
  return readdirSync(source)
    .filter((name) => /^(?:sha256[:-])?[0-9a-f]{64}$/.test(name))
    .sort()
    .map((name) => `sha256:${name.replace(/^sha256[:-]/, "")}`);
}
