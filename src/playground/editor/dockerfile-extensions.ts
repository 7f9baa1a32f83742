import { nextDiagnostic } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { ignoreText, options } from "../project/project.ts";
import { completion } from "./completion.ts";
import { contextPathsIn } from "./context-paths.ts";
import { highlighting, highlightingTheme } from "./highlighting.ts";
import { hoverHelp } from "./hover.ts";
import { type Finding, linting } from "./linting.ts";
import { timeLine } from "./time-line.ts";

export interface DockerfileListeners {
  /** Is told the line of a mark that was clicked. */
  onChoose(line: number): void;
  /** Is told what the lint rules found. */
  onFound(findings: readonly Finding[]): void;
  /** The list of findings is asked for by its key. */
  onList(): void;
}

/** What makes the editor one for Dockerfiles. */
export function dockerfileExtensions({ onChoose, onFound, onList }: DockerfileListeners): Extension {
  return [
    timeLine(onChoose),
    highlighting,
    highlightingTheme,
    completion(contextPathsIn),
    linting(() => ({ ...options.peek(), ignore: ignoreText.peek() }), onFound),
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
