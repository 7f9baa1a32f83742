import { readProvenance } from "../../schemas/provenance-option.ts";
import { commitTime } from "../machine/git-checkout.ts";
import type { BuildTools } from "./build-tools.ts";
import { CommandError, UsageError } from "./command-error.ts";
import { isFolder } from "./folder-build.ts";
import { sendNamedContext } from "./named-contexts.ts";

/** Puts into the options what takes more than reading flags: most builds have nothing of it. */
export async function settleOptions(tools: BuildTools): Promise<void> {
  const { flags } = tools;
  const { options } = flags;
  if (flags.provenance !== undefined) options.provenance = provenanceOf(flags.provenance);
  if (flags.isEpochOfContext && isFolder(flags.context))
    options.sourceDateEpoch = await epochOf(flags.context);
  const contexts: Record<string, string> = {};
  for (const [name, source] of Object.entries(flags.namedContexts)) {
    contexts[name] = await sendNamedContext(name, source, tools);
  }
  options.contexts = contexts;
}

async function epochOf(folder: string): Promise<number> {
  const time = await commitTime(folder);
  if (time !== undefined) return time;
  throw new CommandError(
    `"${folder}" is in no git repository that has a commit, so there is no time to take from it`,
  );
}

function provenanceOf(text: string) {
  try {
    return readProvenance(text);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--provenance: ${error.message}`);
    throw error;
  }
}
