import type { BuildEvent } from "../../schemas/events.ts";
import { PlainProgress } from "../build/plain-progress.ts";
import { RawProgress } from "../client/raw-progress.ts";
import type { ProgressKind } from "./build-flags.ts";

/** Says what to print for an event, if anything. */
export function progressPrinter(kind: ProgressKind): (event: BuildEvent) => string {
  switch (kind) {
    case "plain": {
      const progress = new PlainProgress();
      return (event) => progress.render(event);
    }
    case "rawjson": {
      const progress = new RawProgress(Date.now());
      return (event) => progress.render(event);
    }
    case "quiet":
      return () => "";
  }
}
