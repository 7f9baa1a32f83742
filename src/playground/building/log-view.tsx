import "./log-view.css";
import { useSignal } from "@preact/signals";
import type { LogLine } from "../../progress/log-line.ts";
import { SearchField } from "../ui/inputs.tsx";
import { VirtualList } from "../ui/virtual-list.tsx";
import { escapeInvisible } from "../ui/visible-text.ts";
import type { BuildLog } from "./build-log.ts";
import { messages } from "./messages.ts";
import { clipLine, OutputText } from "./output-text.tsx";

/** Height of a line in pixels. */
const ROW_HEIGHT = 20;

/** Shows the output of a build with a search. Each line has the number of its step, because steps can run at once. */
export function LogView({ log }: { log: BuildLog }) {
  const text = messages.value;
  const { lines, numbers } = log;
  const wanted = useSignal("");
  // Reading the signal renders the view again, because the buffer is changed in place.
  const dropped = log.lineCount.value - lines.size;
  if (lines.size === 0) return <p class="log-none soft">{text.noLog}</p>;
  const found = wanted.value === "" ? undefined : findLines(log, wanted.value.toLowerCase());
  return (
    <>
      <div class="log-search">
        <SearchField label={text.searchLog} text={wanted} />
        <span class="soft" role="status">
          {found === undefined ? "" : text.foundLines(found.length)}
        </span>
      </div>
      {dropped > 0 && <p class="log-none soft">{text.dropped(dropped)}</p>}
      <VirtualList
        key={found === undefined ? "all" : "found"}
        count={found?.length ?? lines.size}
        rowHeight={ROW_HEIGHT}
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

/** Returns the indices of the lines that contain a text in lower case. */
function findLines({ lines }: BuildLog, wanted: string): number[] {
  const found: number[] = [];
  for (let index = 0; index < lines.size; index++) {
    if (lines.at(index)?.text.toLowerCase().includes(wanted)) found.push(index);
  }
  return found;
}

function Line({ line: { kind, text }, number }: { line: LogLine; number: number | undefined }) {
  const isOutput = kind === "stdout" || kind === "stderr";
  return (
    <div class={`log-line log-${kind}`} data-step={number === undefined ? "" : `#${number}`}>
      {isOutput ? <OutputText text={text} /> : escapeInvisible(clipLine(text)) || " "}
    </div>
  );
}
