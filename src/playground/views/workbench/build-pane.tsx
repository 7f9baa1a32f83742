import "./build-pane.css";
import { type Signal, useSignal } from "@preact/signals";
import { type CurrentBuild, currentBuild, isBuilding } from "../../building/current-build.ts";
import { ImageResult } from "../../building/image-result.tsx";
import { LogView } from "../../building/log-view.tsx";
import { messages as buildMessages } from "../../building/messages.ts";
import { currentPlan, isPlanning } from "../../building/planning.ts";
import { StageDiagram } from "../../building/stage-diagram.tsx";
import { StepsList } from "../../building/steps-list.tsx";
import { messages as runMessages } from "../../running/messages.ts";
import { RunPanel } from "../../running/run-panel.tsx";
import { messages as shellMessages } from "../../shell/messages.ts";
import { useShellRequests } from "../../shell/requests.ts";
import { Button } from "../../ui/button.tsx";
import { PagePart } from "../../ui/page-part.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { type Tab, Tabs } from "../../ui/tabs.tsx";
import { BuildForm } from "./build-form.tsx";
import { BuildStatus } from "./build-status.tsx";
import { messages } from "./messages.ts";
import { MissingRunner } from "./missing-runner.tsx";
import { chosenSource, isBuildFresh, shownSteps, stepsSource } from "./shown-steps.ts";
import { WhatIf } from "./what-if.tsx";

const loadShell = () => import("../../shell/shell-panel.tsx");

interface BuildPaneProps {
  /** Line of the selected instruction. */
  chosenLine: Signal<number | undefined>;
  onBuild(): void;
}

type TabName = "steps" | "stages" | "log" | "image" | "run" | "shell";

/** The build form, the progress of the build, and its result. */
export function BuildPane({ chosenLine, onBuild }: BuildPaneProps) {
  const words = buildMessages.value;
  const tab = useSignal<TabName>("steps");
  useShellRequests(() => {
    tab.value = "shell";
  });
  const build = currentBuild.value;
  const result = build?.log.result.value;
  const lines = build?.log.lineCount.value ?? 0;
  const platform = currentPlan.value?.result?.platforms[0];
  const tabs: Tab<TabName>[] = [
    { id: "steps", title: words.steps },
    ...(platform === undefined ? [] : [{ id: "stages" as const, title: words.graph.tab }]),
    {
      id: "log",
      title: (
        <span>
          {words.log}
          {lines > 0 && <span class="tabs-count"> · {words.lines(lines)}</span>}
        </span>
      ),
    },
    ...(result === undefined
      ? []
      : [
          { id: "image" as const, title: words.image },
          { id: "run" as const, title: runMessages.value.tab },
        ]),
    { id: "shell", title: shellMessages.value.tab },
  ];
  const chosenTab = tabs.some(({ id }) => id === tab.value) ? tab.value : "steps";
  const steps = shownSteps.value;
  return (
    <>
      <h2 class="visually-hidden">{messages.value.panes.build}</h2>
      <BuildForm onBuild={onBuild} />
      <MissingRunner />
      {build !== undefined && (
        <BuildStatus
          key={build.since}
          build={build}
          isShort={stepsSource.value === "plan" || chosenTab === "run" || chosenTab === "shell"}
          onRun={() => {
            tab.value = "run";
          }}
        />
      )}
      <Tabs
        label={messages.value.panes.build}
        tabs={tabs}
        chosen={chosenTab}
        onChoose={(id) => {
          tab.value = id;
        }}
      >
        {chosenTab === "steps" && (
          <>
            <StepsSource build={build} />
            {steps.length > 0 ? (
              <StepsList
                steps={steps}
                chosen={steps.find(({ line }) => line === chosenLine.value)?.id}
                onChoose={(id) => {
                  chosenLine.value = steps.find((step) => step.id === id)?.line;
                }}
                actions={(step) => (isBuilding.value ? null : <WhatIf step={step} />)}
              />
            ) : (
              <NoSteps build={build} />
            )}
          </>
        )}
        {chosenTab === "stages" && platform !== undefined && (
          <StageDiagram
            platform={platform}
            onChoose={(line) => {
              chosenLine.value = line;
            }}
          />
        )}
        {chosenTab === "log" && build !== undefined && <LogView log={build.log} />}
        {chosenTab === "log" && build === undefined && <p class="steps-none soft">{words.noLog}</p>}
        {chosenTab === "run" && result !== undefined && <RunPanel result={result} />}
        {chosenTab === "shell" && <PagePart load={loadShell} props={{}} />}
        {chosenTab === "image" && result !== undefined && (
          <ImageResult result={result} buildId={build?.id.value} />
        )}
      </Tabs>
    </>
  );
}

/** Explains why there are no steps, unless another part of the page explains it. */
function NoSteps({ build }: { build: CurrentBuild | undefined }) {
  const words = buildMessages.value;
  if (stepsSource.value === "build") {
    if (build?.log.result.value !== undefined) return <p class="steps-none soft">{words.noSteps}</p>;
    return build?.phase.value === "ended" ? <p class="steps-none soft">{words.noStepsBuilt}</p> : null;
  }
  const plan = currentPlan.value?.result;
  if (isPlanning.value || plan === undefined || plan.problem !== undefined) return null;
  return <p class="steps-none soft">{words.noSteps}</p>;
}

/** Shows whether the steps are those of the plan or of the last build, with a button to switch. */
function StepsSource({ build }: { build: CurrentBuild | undefined }) {
  const text = messages.value;
  const isPlan = stepsSource.value === "plan";
  const problem = currentPlan.value?.result?.problem;
  return (
    <div class="steps-source">
      <span class="soft">
        {isPlan
          ? isPlanning.value
            ? text.planning
            : text.planNow
          : isBuildFresh.value
            ? ""
            : text.changedSince}
      </span>
      {build !== undefined && build.phase.value === "ended" && (
        <Button
          kind="quiet"
          onClick={() => {
            chosenSource.value = isPlan ? "build" : "plan";
          }}
        >
          {isPlan ? text.showBuild : text.showPlan}
        </Button>
      )}
      {isPlan && problem !== undefined && <ProblemNote error={problem} />}
    </div>
  );
}
