import { nextDiagnostic } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { files, paths } from "../project/project.ts";
import { selectedSet } from "../project/selection.ts";
import { completion } from "./completion.ts";
import { highlighting, highlightingTheme } from "./highlighting.ts";
import { hoverHelp } from "./hover.ts";
import { type EditorFinding, type LintSettings, linting } from "./linting.ts";
import { timeLine } from "./time-line.ts";

interface DockerfileListeners {
  /** Returns the current settings of the lint rules. */
  lintSettings(): LintSettings;
  /** Called with the line of a mark that the user clicked. */
  onChoose(line: number): void;
  /** Called with the findings of each check. */
  onFound(findings: readonly EditorFinding[]): void;
  /** Called when the user presses the key for the list of findings. */
  onList(): void;
}

/** The editor extensions for Dockerfiles. */
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

/** Yields the direct children of a folder that are part of the build context. */
function* contextPathsIn(folder: string): Generator<{ name: string; isFolder: boolean; size: number }> {
  const prefix = folder === "" ? "" : `${folder}/`;
  let last = "";
  for (const path of paths.peek()) {
    if (!path.startsWith(prefix) || !selectedSet.peek().has(path)) continue;
    const [name = "", inner] = path.slice(prefix.length).split("/", 2);
    if (name === last) continue;
    last = name;
    yield { name, isFolder: inner !== undefined, size: files.peek().get(path)?.size ?? 0 };
  }
}
