import "./run-panel.css";
import { signal, useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import type { BuildResult } from "../../../schemas/events.ts";
import { theme } from "../browser/theme.ts";
import { imageName, referenceOf } from "../images/image-service.ts";
import { Button } from "../ui/button.tsx";
import { CopyableCommand } from "../ui/digest.tsx";
import { CodeInput } from "../ui/inputs.tsx";
import { ProblemNote } from "../ui/problem.tsx";
import { escapeInvisible } from "../ui/visible-text.ts";
import { containers, hasEnded, type PageContainer, shownContainer, startContainer } from "./containers.ts";
import { messages } from "./messages.ts";
import { dockerLine, emptyForm, type RunForm, readForm } from "./run-options.ts";
import { RunnerNote } from "./runner-note.tsx";
import { isRunnerMissing, useRunners } from "./runners.ts";
import { ServedPort } from "./served-port.tsx";

/** The values of the form, shared by all images until the page is closed. */
const form = signal<RunForm>(emptyForm);

/** Starts containers of a built image and shows their terminals. */
export function RunPanel({ result }: { result: BuildResult }) {
  const text = messages.value;
  const shown = containers.value.find(({ number }) => number === shownContainer.value);
  return (
    <div class="run-panel">
      <RunSettings result={result} />
      {containers.value.length > 0 && (
        <fieldset class="run-containers">
          <legend class="visually-hidden">{text.containers}</legend>
          {containers.value.map(({ number, title }) => (
            <Button
              key={number}
              kind="quiet"
              pressed={number === shown?.number}
              onClick={() => {
                shownContainer.value = number;
              }}
            >
              {escapeInvisible(text.container(number, title))}
            </Button>
          ))}
        </fieldset>
      )}
      {shown !== undefined && <ContainerView key={shown.number} container={shown} />}
    </div>
  );
}

function RunSettings({ result }: { result: BuildResult }) {
  const text = messages.value;
  const id = useId();
  const isOpen = useSignal(false);
  const list = useRunners();
  const isRunnerless = isRunnerMissing(list);
  const read = readForm(form.value);
  const { repository: name, descriptor } = result;
  const change = (changed: Partial<RunForm>) => {
    form.value = { ...form.peek(), ...changed };
  };
  const image = `${location.host}/${imageName({ name, reference: referenceOf(result) })}`;
  const area = (name: "env" | "volumes" | "tmpfs", rows: number, hint = "") => (
    <>
      <label for={`${id}-${name}`}>{text[name]}</label>
      <textarea
        id={`${id}-${name}`}
        class="text-input mono"
        rows={rows}
        spellcheck={false}
        autocomplete="off"
        placeholder={hint}
        value={form.value[name]}
        onInput={(event) => change({ [name]: event.currentTarget.value })}
      />
    </>
  );
  const line = (name: "entrypoint" | "user", hint = "") => (
    <>
      <label for={`${id}-${name}`}>{text[name]}</label>
      <CodeInput
        id={`${id}-${name}`}
        placeholder={hint}
        value={form.value[name]}
        onInput={(event) => change({ [name]: event.currentTarget.value })}
      />
    </>
  );
  return (
    <form
      class="run-form"
      onSubmit={(event) => {
        event.preventDefault();
        if ("request" in read) startContainer({ repository: name, digest: descriptor.digest }, read.request);
      }}
    >
      <label for={`${id}-command`}>{text.command}</label>
      <div class="run-form-command">
        <CodeInput
          id={`${id}-command`}
          placeholder={text.commandHint}
          value={form.value.command}
          onInput={(event) => change({ command: event.currentTarget.value })}
        />
        <Button kind="main" type="submit" icon="play" disabled={isRunnerless || "fault" in read}>
          {containers.value.length === 0 ? text.run : text.again}
        </Button>
        <Button
          kind="quiet"
          icon="more"
          label={text.options}
          expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        />
      </div>
      {"fault" in read && (
        <p class="run-form-fault" role="alert">
          {text.faults[read.fault.field]}{" "}
          {read.fault.field !== "command" && <code>{escapeInvisible(read.fault.line)}</code>}
        </p>
      )}
      {isRunnerless && <RunnerNote problem={text.noRunner} detail={list?.local?.detail} isStartNeeded />}
      {isOpen.value && (
        <div class="run-form-more">
          {line("entrypoint")}
          {area("env", 2, "NAME=value")}
          {line("user", "1000:1000")}
          {area("volumes", 2, text.volumesHint)}
          <p class="soft run-form-note">{text.volumesNote}</p>
          {area("tmpfs", 1, "/tmp")}
          <label class="check">
            <input
              type="checkbox"
              checked={form.value.readonly}
              onChange={(event) => change({ readonly: event.currentTarget.checked })}
            />
            {text.readonly}
          </label>
        </div>
      )}
      {"request" in read && (
        <CopyableCommand label={text.dockerLine} command={dockerLine(read.request, image)} />
      )}
      <p class="soft">{text.limits}</p>
    </form>
  );
}

/** Shows the state, the terminal and the ports of a container. */
export function ContainerView({ container }: { container: PageContainer }) {
  const text = messages.value;
  const state = container.state.value;
  const screen = container.screen.value;
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (screen === undefined) return;
    host.current?.append(screen.element);
    screen.fit();
    screen.focus();
    return () => screen.element.remove();
  }, [screen]);
  useEffect(() => screen?.fit(), [screen, theme.value]);
  // xterm.js does not draw outside of the visible area.
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), [state.kind, screen]);
  return (
    <section class="run-container" aria-label={text.terminal} ref={section}>
      <div class="run-container-bar">
        <span class="run-container-state">{stateText(state)}</span>
        {(state.kind === "running" || state.kind === "stopping") && (
          <Button kind="danger" icon="stop" onClick={() => container.stop()}>
            {text.stop}
          </Button>
        )}
        <Button kind="quiet" icon="close" label={text.remove} onClick={() => container.remove()} />
      </div>
      {state.kind === "failed" && <ProblemNote error={state.error} />}
      <div class="run-container-screen" ref={host} />
      <ServedPort container={container} />
    </section>
  );
}

function stateText(state: PageContainer["state"]["value"]): string {
  const text = messages.value;
  if (!hasEnded(state)) return text.states[state.kind as keyof typeof text.states];
  if (state.kind === "exited") return text.exited(state.code);
  return state.kind === "failed" && state.isLost ? text.stopped : text.failed;
}
