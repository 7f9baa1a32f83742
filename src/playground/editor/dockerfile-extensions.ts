import { nextDiagnostic } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { completion } from "./completion.ts";
import { contextPathsIn } from "./context-paths.ts";
import { highlighting, highlightingTheme } from "./highlighting.ts";
import { hoverHelp } from "./hover.ts";
import { type Finding, type LintSettings, linting } from "./linting.ts";
import { timeLine } from "./time-line.ts";

export interface DockerfileListeners {
  /** What the findings depend on besides the text, now. */
  lintSettings(): LintSettings;
  /** Is told the line of a mark that was clicked. */
  onChoose(line: number): void;
  /** Is told what the lint rules found. */
  onFound(findings: readonly Finding[]): void;
  /** The list of findings is asked for by its key. */
  onList(): void;
}

/** What makes the editor one for Dockerfiles. */
export function dockerfileExtensions({
  lintSettings,
  onChoose,
  onFound,
  onList,
}: DockerfileListeners): Extension {
  return [
    timeLine(onChoose),
    highlighting,
    highlightingTheme,
    completion(contextPathsIn),
    linting(lintSettings, onFound),
    hoverHelp,
    keymap.of([
      { key: "F8", run: nextDiagnostic },
      {
        key: "Mod-Shift-m",
        preventDefault: true,
        run: () => {
          onList();
          return true;
        },
      },
    ]),
  ];
}
