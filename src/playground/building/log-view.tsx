import "./log-view.css";
import { useSignal } from "@preact/signals";
import type { LogLine } from "../../progress/log-line.ts";
import { VirtualList } from "../ui/virtual-list.tsx";
import { visible } from "../ui/visible-text.ts";
import type { BuildLog } from "./build-log.ts";
import { messages } from "./messages.ts";
import { clipLine, OutputText } from "./output-text.tsx";

const ROW = 20;

/**
 * The output of a build as it arrives. Each line shows the number of its step, because several steps can write at once.
 */
export function LogView({ log }: { log: BuildLog }) {
  const text = messages.value;
  const { lines, numbers } = log;
  const wanted = useSignal("");
  // The buffer is always the same object; its count is a signal.
  const dropped = log.lineCount.value - lines.size;
  if (lines.size === 0) return <p class="log-none soft">{text.noLog}</p>;
  const found = wanted.value === "" ? undefined : placesOf(log, wanted.value.toLowerCase());
  return (
    <>
      <div class="log-search">
        <input
          class="text-input"
          type="search"
          aria-label={text.searchLog}
          placeholder={text.searchLog}
          value={wanted.value}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
        <span class="soft" role="status">
          {found === undefined ? "" : text.foundLines(found.length)}
        </span>
      </div>
      {dropped > 0 && <p class="log-none soft">{text.dropped(dropped)}</p>}
      <VirtualList
        key={found === undefined ? "all" : "found"}
        count={found?.length ?? lines.size}
        rowHeight={ROW}
        follow={found === undefined}
        attributes={{ role: "log", "aria-label": text.logLabel, "aria-live": "off", tabIndex: 0 }}
        row={(row) => {
          const index = found?.[row] ?? row;
          const line = lines.at(index) as LogLine;
          return <Line key={index} line={line} number={line.step && numbers.value.get(line.step)} />;
        }}
      />
    </>
  );
}

/** Returns the indices of the lines that contain a text. */
function placesOf({ lines }: BuildLog, wanted: string): number[] {
  const places: number[] = [];
  for (let index = 0; index < lines.size; index++) {
    if (lines.at(index)?.text.toLowerCase().includes(wanted)) places.push(index);
  }
  return places;
}

function Line({ line: { kind, text }, number }: { line: LogLine; number: number | undefined }) {
  const isOutput = kind === "stdout" || kind === "stderr";
  return (
    <div class={`log-line log-${kind}`} data-step={number === undefined ? "" : `#${number}`}>
      {isOutput ? <OutputText text={text} /> : visible(clipLine(text)) || " "}
    </div>
  );
}
