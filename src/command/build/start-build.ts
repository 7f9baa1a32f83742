import type { RunningBuild } from "../../client/service.ts";
import { formatProblem } from "../command-error.ts";
import type { LocalInputs } from "../contexts/build-inputs.ts";
import { beginFolder, isFolder } from "../contexts/folder-build.ts";
import type { ContextFolder } from "../contexts/folder-contexts.ts";
import type { BuildTools, BuildWarning, Ended } from "./build-tools.ts";

/**
 * Sends the context and starts the build.
 * @param onInputs see `FolderBuildOptions`; not called for a context that is no folder
 */
export async function startLocalBuild(
  tools: BuildTools,
  onInputs?: (inputs: LocalInputs) => void,
): Promise<RunningBuild> {
  const { flags } = tools;
  let named: ContextFolder[] = [];
  if (
    flags.isEpochOfContext ||
    flags.provenance !== undefined ||
    Object.keys(flags.namedContexts).length > 0
  ) {
    const { settleOptions } = await import("../contexts/settle-options.ts");
    named = await settleOptions(tools);
  }
  if (isFolder(flags.context)) return beginFolder(flags.context, tools, { named, onInputs });
  const { beginOther } = await import("../contexts/other-contexts.ts");
  return beginOther(tools);
}

/** Makes the first interrupt cancel the build at the server. */
export function cancelOnInterrupt({ id }: RunningBuild, { service, interrupt }: BuildTools): void {
  interrupt.cancelsWith(() => {
    service.cancel(id).catch(() => process.exit(interrupt.exitCode));
  });
}

/** Shows the events of a build, and returns its result or its problem. */
export async function displayBuild(
  { events }: RunningBuild,
  { progress }: Pick<BuildTools, "progress">,
): Promise<Ended> {
  const warnings: BuildWarning[] = [];
  for await (const event of events) {
    progress.show(event);
    if (event.type === "warning") warnings.push(event);
    if (event.type === "result") return { result: event, warnings };
    if (event.type !== "error") continue;
    progress.end(formatProblem(event.problem));
    return { problem: event.problem, warnings };
  }
  throw new Error("The event stream of the build ended without a result");
}
