import "./log-view.css";
import Anser, { type AnserJsonEntry } from "anser";
import { VirtualList } from "../ui/virtual-list.tsx";
import { visible } from "../ui/visible-text.ts";
import type { BuildLog, LogLine } from "./build-log.ts";
import { messages } from "./messages.ts";

const ROW = 20;
/** Characters of a line that are shown: the output may be one line without an end. */
const LONGEST = 4000;
/** Sequences that move the cursor, name windows and the like: there is no terminal here (ECMA-48). */
const MOVES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-9;?<=>]*[ -/]*[@-ln-~]|\x1b[()*+][A-Z0-9]|\x1b[=>78cDEHMNOZ]/g;

/** The output of a build, as it comes. */
export function LogView({ log }: { log: BuildLog }) {
  const text = messages.value;
  // The list is one and the same: that it grew, its count tells.
  const count = log.lineCount.value - log.droppedLines.value;
  if (count === 0) return <p class="log-none soft">{text.noLog}</p>;
  return (
    <>
      {log.droppedLines.value > 0 && <p class="log-none soft">{text.dropped(log.droppedLines.value)}</p>}
      <VirtualList
        count={count}
        rowHeight={ROW}
        follow
        attributes={{ role: "log", "aria-label": text.logLabel, "aria-live": "off", tabIndex: 0 }}
        row={(index) => <Line key={index} line={log.lines[index] as LogLine} />}
      />
    </>
  );
}

function Line({ line: { kind, text } }: { line: LogLine }) {
  const written = text.slice(0, LONGEST) + (text.length > LONGEST ? " …" : "");
  const isOutput = kind === "stdout" || kind === "stderr";
  return <div class={`log-line log-${kind}`}>{isOutput ? coloured(written) : visible(written) || " "}</div>;
}

/** Output with the colours that its process gave it. Nothing in it is ever taken for markup. */
function coloured(text: string) {
  // What a process writes over its own line is seen last.
  const last = text.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  const parts = Anser.ansiToJson(last.replace(MOVES, ""), {
    json: true,
    remove_empty: true,
    use_classes: true,
  });
  if (parts.length === 0) return " ";
  return parts.map((part, index) => (
    <span key={index} class={classOf(part)}>
      {visible(part.content)}
    </span>
  ));
}

/** The sixteen colours that terminals name; others would not be readable on every ground. */
function classOf({ fg, bg, decorations }: AnserJsonEntry): string {
  const isNamed = (name: string | null) =>
    name !== null && /^ansi-(bright-)?[a-z]+$/.test(name) && name !== "ansi-truecolor";
  return [
    isNamed(fg) && `log-${fg}`,
    bg !== null && "log-marked",
    ...decorations.map((decoration) => `log-${decoration}`),
  ]
    .filter(Boolean)
    .join(" ");
}
