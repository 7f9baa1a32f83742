import "./timeline-view.css";
import { formatDuration } from "../i18n/format.ts";
import { escapeInvisible, shortDigests } from "../ui/visible-text.ts";
import type { BuildLog } from "./build-log.ts";
import { computeTimeline, type TimelineRow } from "./build-timeline.ts";
import { messages } from "./messages.ts";

/** Shows when each step ran, what it waited for, and the critical path. */
export function TimelineView({ log }: { log: BuildLog }) {
  const text = messages.value.timeline;
  const { rows, total, critical } = computeTimeline(log.steps.value, log.export, log.time.value);
  if (rows.length === 0) return <p class="steps-none soft">{text.none}</p>;
  return (
    <div class="timeline">
      <p class="timeline-summary">
        <span class="timeline-key" aria-hidden="true" />
        {text.summary(formatDuration(critical), formatDuration(total))}
      </p>
      <ol>
        {rows.map((row) => (
          <Row key={row.id} row={row} total={total} />
        ))}
      </ol>
    </div>
  );
}

function Row({ row, total }: { row: TimelineRow; total: number }) {
  const text = messages.value.timeline;
  const { name, start, running, end, after, isCritical, state } = row;
  const share = (time: number) => `${(100 * time) / Math.max(1, total)}%`;
  return (
    <li class={`timeline-row${isCritical ? " timeline-critical" : ""}`}>
      <span class="timeline-name" title={escapeInvisible(name)}>
        {escapeInvisible(shortDigests(name))}
      </span>
      <span class="timeline-track" aria-hidden="true">
        {running > start && (
          <span class="timeline-wait" style={{ left: share(start), width: share(running - start) }} />
        )}
        <span
          class={`timeline-bar timeline-${state}`}
          style={{ left: share(running), width: share(end - running) }}
        />
      </span>
      <span class="timeline-time number">{formatDuration(end - start)}</span>
      <span class="timeline-words soft">
        {text.from(formatDuration(start))}
        {after !== undefined && ` · ${text.after(escapeInvisible(shortDigests(after)))}`}
        {running > start && ` · ${text.waited(formatDuration(running - start))}`}
        {state === "cached" && ` · ${text.cached}`}
        {isCritical && ` · ${text.critical}`}
      </span>
    </li>
  );
}
