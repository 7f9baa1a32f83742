import { lintKeymap } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { ignoreText, options } from "../project/project.ts";
import { completion } from "./completion.ts";
import { contextPathsIn } from "./context-paths.ts";
import { highlighting, highlightingTheme } from "./highlighting.ts";
import { hoverHelp } from "./hover.ts";
import { linting } from "./linting.ts";
import { timeLine } from "./time-line.ts";

export interface DockerfileListeners {
  /** Is told the line of a mark that was clicked. */
  onChoose(line: number): void;
  /** Is told how many findings of the lint rules there are. */
  onFound(count: number): void;
}

/** What makes the editor one for Dockerfiles. */
export function dockerfileExtensions({ onChoose, onFound }: DockerfileListeners): Extension {
  return [
    timeLine(onChoose),
    highlighting,
    highlightingTheme,
    completion(contextPathsIn),
    linting(() => ({ ...options.peek(), ignore: ignoreText.peek() }), onFound),
    hoverHelp,
    keymap.of(lintKeymap),
  ];
}
