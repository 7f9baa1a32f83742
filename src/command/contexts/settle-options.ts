import { readProvenance } from "../../../schemas/provenance-option.ts";
import { commitTime } from "../../machine/git-checkout.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { CommandError, UsageError } from "../command-error.ts";
import { isFolder } from "./folder-build.ts";
import type { ContextFolder } from "./folder-contexts.ts";
import { readNamedContext, sendFolder } from "./named-contexts.ts";

/**
 * Completes the options with what takes more than reading flags; most builds need none of it.
 * @returns the named contexts that are folders, which are sent when the paths that the build reads are known
 */
export async function settleOptions(tools: BuildTools): Promise<ContextFolder[]> {
  const { flags } = tools;
  const { options } = flags;
  if (flags.provenance !== undefined) options.provenance = provenanceOf(flags.provenance);
  if (flags.isEpochOfContext && isFolder(flags.context))
    options.sourceDateEpoch = await epochOf(flags.context);
  const contexts: Record<string, string> = {};
  const folders: ContextFolder[] = [];
  for (const [name, source] of Object.entries(flags.namedContexts)) {
    const context = await readNamedContext(name, source, tools);
    if (typeof context === "string") contexts[name] = context;
    else if (isFolder(flags.context)) folders.push(context);
    else contexts[name] = await sendFolder(context, tools);
  }
  options.contexts = contexts;
  return folders;
}

async function epochOf(folder: string): Promise<number> {
  const time = await commitTime(folder);
  if (time !== undefined) return time;
  throw new CommandError(`--source-date-epoch=context: "${folder}" is not in a git repository with a commit`);
}

function provenanceOf(text: string) {
  try {
    return readProvenance(text);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--provenance: ${error.message}`);
    throw error;
  }
}
