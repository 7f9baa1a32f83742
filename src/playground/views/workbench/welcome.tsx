import { preferences } from "../../browser/storage.ts";
import "./welcome.css";
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { currentBuild, startBuild } from "../../building/current-build.ts";
import { currentPlan } from "../../building/planning.ts";
import { exampleProjectId } from "../../examples/example-ids.ts";
import { messages as common } from "../../messages.ts";
import { inputs, projectId } from "../../project/project.ts";
import { Button } from "../../ui/button.tsx";
import { messages } from "./messages.ts";
import { Examples } from "./projects-dialog.tsx";

const isClosed = signal(preferences.read("welcome") === "over");

/** Introduces the page and its examples until the user closes it. Builds the first example immediately. */
export function Welcome() {
  const text = messages.value.welcome;
  const wasBuilt = useSignal(false);
  useSignalEffect(() => {
    const plan = currentPlan.value;
    // Build only an unchanged example that the server can build.
    const isReady = plan?.result !== undefined && plan.result.problem === undefined;
    if (isClosed.value || wasBuilt.peek() || !isReady || plan.inputs !== inputs.value) return;
    if (projectId.peek() !== exampleProjectId("site") || currentBuild.peek() !== undefined) return;
    wasBuilt.value = true;
    startBuild();
  });
  if (isClosed.value) return null;
  return (
    <section class="welcome" aria-label={text.title}>
      <div class="welcome-words">
        <p class="welcome-title">{text.title}</p>
        <p class="soft">
          {projectId.value === exampleProjectId("site") && wasBuilt.value ? text.built : text.next}{" "}
          <a href="#/learn">{text.learn}</a>
        </p>
      </div>
      <Examples onOpen={() => {}} />
      <Button
        kind="quiet"
        icon="close"
        label={common.value.close}
        onClick={() => {
          isClosed.value = true;
          preferences.store("welcome", "over");
        }}
      />
    </section>
  );
}
