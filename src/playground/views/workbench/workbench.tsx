import "./workbench.css";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { currentBuild, isBuilding, restoreBuild, startBuild } from "../../building/current-build.ts";
import { keepPlanning } from "../../building/planning.ts";
import { keepDraft, OWN_DRAFT, openDraft } from "../../project/draft.ts";
import { files } from "../../project/project.ts";
import { Splitter } from "../../ui/splitter.tsx";
import { useTitle } from "../../ui/title.ts";
import { BuildPane } from "./build-pane.tsx";
import { EditorPane } from "./editor-pane.tsx";
import { FilesPane } from "./files-pane.tsx";
import { messages } from "./messages.ts";
import { LEAST, mostOf, paneWidths, resizePane, type SidePane } from "./pane-widths.ts";

const panes = ["files", "editor", "build"] as const;

/** The user's own project. */
export default function Workbench() {
  useTitle(undefined);
  return (
    <Panes
      title={messages.value.title}
      draft={OWN_DRAFT}
      open={() => (files.peek().size === 0 ? openDraft() : Promise.resolve())}
    />
  );
}

export interface PanesProps {
  /** What screen readers say that it is. */
  title: string;
  /** Name under which the project is kept in the browser. */
  draft: string;
  /** Sees to it that a project is open. */
  open(): Promise<void>;
  /** Called when it is shown no longer, after the project was kept. */
  close?(): void;
}

/** Files, editor and build beside each other; one of them at a time where there is no room. */
export function Panes({ title, draft, open, close }: PanesProps) {
  const text = messages.value;
  const pane = useSignal<(typeof panes)[number]>("editor");
  const chosenLine = useSignal<number | undefined>(undefined);
  useEffect(() => {
    let stops: (() => void)[] = [];
    let isGone = false;
    void open().then(() => {
      if (isGone) return;
      stops = [keepPlanning(), keepDraft(draft)];
      void restoreBuild(draft);
    });
    return () => {
      isGone = true;
      for (const stop of stops) stop();
      close?.();
    };
  }, []);
  const build = () => {
    if (isBuilding.peek()) return;
    startBuild(draft);
    pane.value = "build";
    if (paneWidths.peek().build === 0) resizePane("build", undefined);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    build();
  };
  const widths = paneWidths.value;
  const splitter = (name: SidePane, side: "before" | "after") => (
    <Splitter
      label={text.resize[name]}
      width={widths[name]}
      min={LEAST[name]}
      max={mostOf(name)}
      side={side}
      onResize={(width) => resizePane(name, width)}
      onReset={() => resizePane(name, undefined)}
    />
  );
  return (
    <div
      class={`workbench workbench-shows-${pane.value}`}
      style={{ "--files-width": `${widths.files}px`, "--build-width": `${widths.build}px` }}
      onKeyDownCapture={press}
    >
      <h1 class="visually-hidden">{title}</h1>
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
        class={`workbench-pane workbench-files${widths.files === 0 ? " workbench-collapsed" : ""}`}
        aria-label={text.context}
      >
        <FilesPane
          onOpen={() => {
            pane.value = "editor";
          }}
        />
      </section>
      {splitter("files", "before")}
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
