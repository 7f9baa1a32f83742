import "./workbench.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { currentBuild, followOpenProject, isBuilding, startBuild } from "../../building/current-build.ts";
import { startPlanning } from "../../building/planning.ts";
import { autosaveProject, isProjectOpen, openLastProject } from "../../project/projects.ts";
import { useShellRequests } from "../../shell/requests.ts";
import { Splitter } from "../../ui/splitter.tsx";
import { useTitle } from "../../ui/title.ts";
import { BuildPane } from "./build-pane.tsx";
import { EditorPane } from "./editor-pane.tsx";
import { FilesPane } from "./files-pane.tsx";
import { messages } from "./messages.ts";
import { MIN_WIDTHS, maxWidthOf, paneWidths, resizePane, type SidePane } from "./pane-widths.ts";
import { Welcome } from "./welcome.tsx";

const panes = ["files", "editor", "build"] as const;

/** The workbench with the user's own project. */
export default function Workbench() {
  useTitle(undefined);
  return (
    <Panes
      title={messages.value.title}
      keep={autosaveProject}
      open={() => (isProjectOpen() ? Promise.resolve() : openLastProject())}
      head={<Welcome />}
    />
  );
}

interface PanesProps {
  /** Accessible name of the panes. */
  title: string;
  /** `guide`: leave room for the text of a lesson above the files. */
  first?: "files" | "guide";
  /** Content above the panes. */
  head?: ComponentChildren;
  /** Starts to store the project in the browser. @returns a function that stops this */
  keep(): () => void;
  /** Opens a project if none is open. */
  open(): Promise<void>;
  /** Called when the panes were removed and the project was stored. */
  close?(): void;
}

/** Files, editor and build side by side, or one at a time in a narrow window. */
export function Panes({ title, first = "files", head, keep, open, close }: PanesProps) {
  const text = messages.value;
  const pane = useSignal<(typeof panes)[number]>("editor");
  const chosenLine = useSignal<number | undefined>(undefined);
  const widths = paneWidths(first);
  useEffect(() => {
    let stops: (() => void)[] = [];
    let isRemoved = false;
    void open().then(() => {
      if (isRemoved) return;
      stops = [startPlanning(), keep(), followOpenProject()];
    });
    return () => {
      isRemoved = true;
      for (const stop of stops) stop();
      close?.();
    };
  }, []);
  useShellRequests(() => {
    pane.value = "build";
  });
  const build = () => {
    if (isBuilding.peek()) return;
    startBuild();
    pane.value = "build";
    if (widths.build === 0) resizePane("build", undefined);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    build();
  };
  const splitter = (name: SidePane, side: "before" | "after") => (
    <Splitter
      label={text.resize[name]}
      width={widths[name]}
      min={MIN_WIDTHS[name]}
      max={maxWidthOf(name, widths[name === "build" ? first : "build"])}
      side={side}
      onResize={(width) => resizePane(name, width)}
      onReset={() => resizePane(name, undefined)}
    />
  );
  return (
    <div
      class={`workbench workbench-shows-${pane.value}`}
      style={{ "--files-width": `${widths[first]}px`, "--build-width": `${widths.build}px` }}
      onKeyDownCapture={press}
    >
      <h1 class="visually-hidden">{title}</h1>
      {head !== undefined && <div class="workbench-head">{head}</div>}
      <fieldset class="workbench-switch" aria-label={text.pane}>
        {panes.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={pane.value === name}
            onClick={() => {
              pane.value = name;
            }}
          >
            {text.panes[name]}
            {name === "build" && currentBuild.value && isBuilding.value ? " …" : ""}
          </button>
        ))}
      </fieldset>
      <section
        class={`workbench-pane workbench-files${widths[first] === 0 ? " workbench-collapsed" : ""}`}
        aria-label={text.context}
      >
        <FilesPane
          onOpen={() => {
            pane.value = "editor";
          }}
        />
      </section>
      {splitter(first, "before")}
      <section class="workbench-pane workbench-editor" aria-label={text.panes.editor}>
        <EditorPane
          chosenLine={chosenLine}
          onChooseLine={(line) => {
            chosenLine.value = line;
            pane.value = "build";
          }}
        />
      </section>
      {splitter("build", "after")}
      <section
        class={`workbench-pane workbench-build${widths.build === 0 ? " workbench-collapsed" : ""}`}
        aria-label={text.panes.build}
      >
        <BuildPane chosenLine={chosenLine} onBuild={build} />
      </section>
    </div>
  );
}
