import "./shell-panel.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { OutputText } from "../building/output-text.tsx";
import { hasEnded } from "../running/containers.ts";
import { ContainerView } from "../running/run-panel.tsx";
import { Button } from "../ui/button.tsx";
import { CodeText } from "../ui/code-text.tsx";
import { escapeInvisible } from "../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { enterLine, entries, history, type ShellEntry } from "./shell.ts";

/** A shell for docker commands, which the server and its runner execute. */
export default function ShellPanel() {
  const text = messages.value;
  const end = useRef<HTMLFormElement>(null);
  const shown = entries.value;
  const last = shown.at(-1);
  useEffect(
    () => end.current?.scrollIntoView({ block: "nearest" }),
    [shown.length, last?.output.value, last?.code.value],
  );
  return (
    <div class="shell">
      <div class="shell-entries" role="log" aria-label={text.output}>
        {shown.length === 0 && <p class="soft">{text.intro}</p>}
        {shown.map((entry) => (
          <Entry key={entry.number} entry={entry} />
        ))}
      </div>
      <form
        ref={end}
        class="shell-form"
        onSubmit={(event) => {
          event.preventDefault();
          const input = event.currentTarget.elements.namedItem("line") as HTMLInputElement;
          void enterLine(input.value);
          input.value = "";
        }}
      >
        <Input />
        <Button type="submit" icon="play" label={text.execute} />
      </form>
    </div>
  );
}

function Input() {
  /** Position in the history: 0 is the line being typed, 1 the newest entered line. */
  const back = useSignal(0);
  return (
    <>
      <span class="shell-prompt" aria-hidden="true" />
      <input
        name="line"
        class="text-input shell-input"
        aria-label={messages.value.input}
        placeholder="docker help"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={() => {
          back.value = 0;
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          const lines = history.peek();
          const next = back.peek() + (event.key === "ArrowUp" ? 1 : -1);
          back.value = Math.max(0, Math.min(lines.length, next));
          event.currentTarget.value = lines[lines.length - back.peek()] ?? "";
        }}
      />
    </>
  );
}

function Entry({ entry }: { entry: ShellEntry }) {
  const text = messages.value;
  const { line, output, code, container, isTerminal } = entry;
  const running = container.value;
  const lines = output.value.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return (
    <div class="shell-entry">
      <p class="shell-line">
        <CodeText text={escapeInvisible(line)} />
      </p>
      {lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users scroll long lines.
        <pre class="shell-output" tabIndex={0} lang="en">
          {lines.map((written, index) => (
            <div key={index} class={isRow(written) ? undefined : "shell-text"}>
              <OutputText text={written} />
            </div>
          ))}
        </pre>
      )}
      {running !== undefined && isTerminal.value && <ContainerView container={running} />}
      {running !== undefined && !isTerminal.value && !hasEnded(running.state.value) && (
        <p class="shell-running">
          {text.running}
          <Button kind="danger" icon="stop" onClick={() => running.stop()}>
            {text.stop}
          </Button>
        </p>
      )}
      {code.value === undefined && running === undefined && <p class="shell-running">{text.running}</p>}
      {code.value !== undefined && code.value !== 0 && <p class="shell-code">{text.exited(code.value)}</p>}
    </div>
  );
}

/** Whether a line is a row of a table, whose columns are separated by several spaces. */
function isRow(line: string): boolean {
  return /\S {2,}\S/.test(line);
}
