import { Fact, StorageTable } from "./storage-parts.tsx";
import "./insights-card.css";
import type { Insights } from "../../../../schemas/build.ts";
import { formatBytes, formatDuration, formatNumber, formatPercent, formatTime } from "../../i18n/format.ts";
import { link } from "../../router.ts";
import { service } from "../../service.ts";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** Statistics of the last builds of a repository. */
export function InsightsCard({ name }: { name: string }) {
  const text = messages.value.insights;
  const data = useLoad(`insights ${name}`, () =>
    service.ask<Insights>(`/v1/insights?${new URLSearchParams({ image: name })}`),
  );
  return (
    <section class="card" aria-label={text.title}>
      <h2>{text.title}</h2>
      <Loaded data={data}>{(insights) => <Statistics insights={insights} />}</Loaded>
    </section>
  );
}

function Statistics({ insights }: { insights: Insights }) {
  const text = messages.value.insights;
  const { runs, failed, duration, hitRate, steps, sizes } = insights;
  if (runs === 0) return <p class="storage-none soft">{text.none}</p>;
  return (
    <div class="insights">
      <dl class="storage-facts">
        <Fact name={text.runs} value={formatNumber(runs)} />
        {failed > 0 && <Fact name={text.failed} value={formatNumber(failed)} />}
        {duration !== undefined && (
          <>
            <Fact name={text.last} value={formatDuration(duration.last)} />
            <Fact name={text.median} value={formatDuration(duration.median)} />
            <Fact name={text.longest} value={formatDuration(duration.longest)} />
          </>
        )}
        {hitRate !== undefined && <Fact name={text.hitRate} value={formatPercent(hitRate)} />}
      </dl>
      {sizes.length > 0 && <Sizes sizes={sizes} />}
      {steps.length > 0 && <Steps steps={steps} />}
    </div>
  );
}

/** A bar for each build, the newest build last. */
function Sizes({ sizes }: Pick<Insights, "sizes">) {
  const text = messages.value.insights;
  const largest = Math.max(1, ...sizes.map(({ bytes }) => bytes));
  return (
    <div>
      <h3>{text.sizes}</h3>
      <ol class="insights-sizes">
        {sizes.toReversed().map(({ id, started, bytes }) => (
          <li key={started}>
            <a
              href={link("builds", id)}
              title={`${formatTime(started)}: ${formatBytes(bytes)}`}
              aria-label={`${formatTime(started)}: ${formatBytes(bytes)}`}
            >
              <span style={{ height: `${(100 * bytes) / largest}%` }} />
            </a>
          </li>
        ))}
      </ol>
      <p class="soft">
        {text.sizeFrom(formatBytes(Math.min(...sizes.map(({ bytes }) => bytes))), formatBytes(largest))}
      </p>
    </div>
  );
}

function Steps({ steps }: Pick<Insights, "steps">) {
  const text = messages.value.insights;
  return (
    <div class="insights-steps">
      <h3>{text.steps}</h3>
      <StorageTable
        head={[text.step, text.total, text.executed, text.reused]}
        rows={steps.map(({ name, executed, reused, total }) => ({
          key: name,
          cells: [
            <code key={name}>{escapeInvisible(name)}</code>,
            formatDuration(total),
            formatNumber(executed),
            formatNumber(reused),
          ],
        }))}
      />
    </div>
  );
}
