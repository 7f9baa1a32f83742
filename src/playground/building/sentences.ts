import type { Difference } from "../../../schemas/events.ts";
import { dependencyIn, reasons } from "../../engine/explain/reasons.ts";
import { escapeInvisible } from "../ui/visible-text.ts";
import { messages } from "./messages.ts";
import type { StepView } from "./step-view.ts";

/** Maximum number of differences that a sentence names. */
const MAX_NAMED = 3;

/** Names of the engine's reasons by their English sentences. */
const reasonNames = new Map(
  Object.entries(reasons).map(([name, reason]) => [reason as string, name as keyof typeof reasons]),
);

/** Explains in a sentence why a step hit or missed the build cache. */
export function explainStep({ status, why, differences, waiting }: StepView): string {
  const { sentences, because, changes } = messages.value;
  if (differences.length > 0 && status !== "hit") {
    const named = differences.slice(0, MAX_NAMED).map(describeChange);
    const rest = differences.length - named.length;
    return because(rest > 0 ? [...named, changes.more(rest)] : named);
  }
  const dependency = dependencyIn(why ?? "");
  if (dependency !== undefined) return sentences.follows(escapeInvisible(dependency));
  const reason = reasonNames.get(why ?? "");
  if (reason !== undefined) return sentences[reason];
  switch (status) {
    case "waiting":
      return explainWait(waiting);
    case "miss":
    case "done":
      return why || sentences.firstBuild;
    default:
      return sentences[status];
  }
}

/** Explains what a step waits for: translates the server's English text. */
export function explainWait(waiting: string | undefined): string {
  const { waits } = messages.value;
  const found = patterns.find(([, pattern]) => pattern.test(waiting ?? ""));
  return found === undefined ? (waiting ?? waits.any) : waits[found[0]];
}

const patterns = [
  ["client", /^waiting for the runner of the client$|the client's runner is connecting$/],
  ["none", /^waiting for a runner .*none is connected$/],
  ["busy", /^waiting for a runner .*(is|are) busy$/],
] as const;

function describeChange({ part, name = "", before, after }: Difference): string {
  const { changes } = messages.value;
  const shown = escapeInvisible(name);
  switch (part) {
    case "file":
      if (before === undefined) return changes.fileAdded(shown);
      return after === undefined ? changes.fileRemoved(shown) : changes.fileChanged(shown);
    case "argument":
    case "environment":
      return changes[part](shown, escapeInvisible(before ?? ""), escapeInvisible(after ?? ""));
    case "parent":
    case "base":
    case "step":
    case "download":
      return changes[part](shown);
    case "instruction":
    case "option":
    case "platform":
      return changes[part];
    default:
      return changes.other(shown || part);
  }
}
