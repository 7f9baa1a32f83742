import { useComputed, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { currentBuild, isBuilding } from "../../building/current-build.ts";
import { currentPlan } from "../../building/planning.ts";
import { messages as common } from "../../messages.ts";
import { options, type ProjectOptions, secrets } from "../../project/project.ts";
import { Button } from "../../ui/button.tsx";
import { CodeInput } from "../../ui/inputs.tsx";
import { messages } from "./messages.ts";

/** The options of a build and the button that starts it. */
export function BuildForm({ onBuild }: { onBuild(): void }) {
  const text = messages.value;
  const id = useId();
  const isOpen = useSignal(false);
  const { tag, target, platform, noCache } = options.value;
  const change = (changed: Partial<ProjectOptions>) => {
    options.value = { ...options.peek(), ...changed };
  };
  // The target is selected by its name.
  const stages = useComputed(() => [
    ...new Set(currentPlan.value?.local?.stages.flatMap(({ name }) => name ?? []) ?? []),
  ]);
  const targets = stages.value.includes(target) || target === "" ? stages.value : [...stages.value, target];
  return (
    <form
      class="build-form"
      onSubmit={(event) => {
        event.preventDefault();
        onBuild();
      }}
    >
      <label for={`${id}-tag`}>{text.imageName}</label>
      <label for={`${id}-target`}>{text.target}</label>
      <CodeInput
        id={`${id}-tag`}
        value={tag}
        onInput={(event) => change({ tag: event.currentTarget.value })}
      />
      <select
        id={`${id}-target`}
        class="text-input"
        value={target}
        onChange={(event) => change({ target: event.currentTarget.value })}
      >
        <option value="">{text.lastStage}</option>
        {targets.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <div class="build-form-buttons">
        {isBuilding.value ? (
          <Button kind="danger" icon="stop" onClick={() => currentBuild.peek()?.cancel()}>
            {common.value.cancel}
          </Button>
        ) : (
          <Button kind="main" type="submit" icon="play">
            {text.build}
          </Button>
        )}
        <Button
          kind="quiet"
          icon="more"
          label={text.more}
          expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        />
      </div>
      {isOpen.value && (
        <div class="build-form-more">
          <label for={`${id}-platform`}>{text.platform}</label>
          <CodeInput
            id={`${id}-platform`}
            value={platform}
            placeholder={text.platformHint}
            onInput={(event) => change({ platform: event.currentTarget.value.trim() })}
          />
          <label for={`${id}-args`}>{text.buildArgs}</label>
          <Assignments
            id={`${id}-args`}
            value={options.peek().buildArgs}
            hint={text.buildArgsHint}
            onChange={(buildArgs) => change({ buildArgs })}
          />
          <label for={`${id}-secrets`}>{text.secrets}</label>
          <div>
            <Assignments
              id={`${id}-secrets`}
              value={secrets.peek()}
              hint={text.secretsHint}
              onChange={(given) => {
                secrets.value = given;
              }}
            />
            <p class="soft">{text.secretsNote}</p>
          </div>
          <label class="check">
            <input
              type="checkbox"
              checked={noCache}
              onChange={(event) => change({ noCache: event.currentTarget.checked })}
            />
            {text.noCache}
          </label>
        </div>
      )}
    </form>
  );
}

interface AssignmentsProps {
  id: string;
  value: Readonly<Record<string, string>>;
  hint: string;
  onChange(value: Record<string, string>): void;
}

/** A text area with `NAME=value` lines. */
function Assignments({ id, value: given, hint, onChange }: AssignmentsProps) {
  const written = useSignal(
    Object.entries(given)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  return (
    <textarea
      id={id}
      class="text-input mono"
      rows={2}
      spellcheck={false}
      autocomplete="off"
      value={written.value}
      placeholder={hint}
      onInput={(event) => {
        written.value = event.currentTarget.value;
        onChange(readAssignments(written.value));
      }}
    />
  );
}

/** Parses `NAME=value` lines. Skips incomplete lines, which the user is typing. */
function readAssignments(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^\s*([^=\s]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
