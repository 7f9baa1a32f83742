import type { Difference } from "../../../schemas/events.ts";
import { visible } from "../ui/visible-text.ts";
import { messages } from "./messages.ts";
import type { StepView } from "./step-view.ts";

/** Differences that a sentence names. */
const NAMED = 3;

/** What the server says without differences, by its words. */
const known = {
  "No earlier build of this image is known.": "firstBuild",
  "The step is new.": "newStep",
  "The build cache no longer knows the result.": "forgotten",
  "The build cache was not to be used.": "notAsked",
} as const;

/** Why a step hit or missed, as a sentence. */
export function sentenceOf({ status, why, differences, waiting }: StepView): string {
  const { sentences, because, changes } = messages.value;
  if (differences.length > 0 && status !== "hit") {
    const named = differences.slice(0, NAMED).map(changeOf);
    const rest = differences.length - named.length;
    return because(rest > 0 ? [...named, changes.more(rest)] : named);
  }
  const waited = /^It depends on what (.+) gives: if that is as before, so is this step\.$/s.exec(
    why ?? "",
  )?.[1];
  if (waited !== undefined) return sentences.follows(visible(waited));
  if (why !== undefined && why in known) return sentences[known[why as keyof typeof known]];
  switch (status) {
    case "waiting":
      return waiting ?? sentences.running;
    case "miss":
    case "done":
    case "cancelled":
      return why ?? sentences.firstBuild;
    default:
      return sentences[status];
  }
}

function changeOf({ part, name = "", before, after }: Difference): string {
  const { changes } = messages.value;
  const shown = visible(name);
  switch (part) {
    case "file":
      if (before === undefined) return changes.fileAdded(shown);
      return after === undefined ? changes.fileRemoved(shown) : changes.fileChanged(shown);
    case "argument":
    case "environment":
      return changes[part](shown, visible(before ?? ""), visible(after ?? ""));
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
