import type { InputState } from "../../command/contexts/build-inputs.ts";
import { plainTitle } from "../../progress/terminal-text.ts";

interface InputChange {
  path: string;
  kind: "added" | "changed" | "removed";
}

/** Maximum number of listed paths. */
const NAMED = 5;

/** The differences between two states, in the order of their paths. */
export function changesOf(before: InputState, now: InputState): InputChange[] {
  const changes: InputChange[] = [];
  for (const [path, text] of now) {
    const last = before.get(path);
    if (last === undefined) changes.push({ path, kind: "added" });
    else if (last !== text) changes.push({ path, kind: "changed" });
  }
  for (const path of before.keys()) if (!now.has(path)) changes.push({ path, kind: "removed" });
  return changes.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** `Changed: app.js, new.js (added), and 3 more` */
export function changesText(changes: readonly InputChange[]): string {
  const named = changes
    .slice(0, NAMED)
    .map(({ path, kind }) => plainTitle(path) + (kind === "changed" ? "" : ` (${kind})`));
  const more = changes.length - named.length;
  return `Changed: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
