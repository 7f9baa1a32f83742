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

/** What makes the editor one for Dockerfiles. @param onChoose is told the line of a mark that was clicked */
export function dockerfileExtensions(onChoose: (line: number) => void): Extension {
  return [
    timeLine(onChoose),
    highlighting,
    highlightingTheme,
    completion(contextPathsIn),
    linting(() => ({ ...options.peek(), ignore: ignoreText.peek() })),
    hoverHelp,
    keymap.of(lintKeymap),
  ];
}
