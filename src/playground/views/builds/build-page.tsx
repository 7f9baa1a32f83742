import "./builds.css";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { BuildRecord } from "../../../../schemas/build.ts";
import { BuildLog } from "../../building/build-log.ts";
import { ImageResult } from "../../building/image-result.tsx";
import { LogView } from "../../building/log-view.tsx";
import { messages as buildMessages } from "../../building/messages.ts";
import { RunningTime } from "../../building/running-time.tsx";
import { stepsOfBuild } from "../../building/step-view.ts";
import { StepsList } from "../../building/steps-list.tsx";
import { TimelineView } from "../../building/timeline-view.tsx";
import { formatDuration, formatTime } from "../../i18n/format.ts";
import { messages as common } from "../../messages.ts";
import { query, setQuery, type ViewProps } from "../../router.ts";
import { createService, fetchBuild, service } from "../../service.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/digest.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { StatusBadge } from "../../ui/status.tsx";
import { useTitle } from "../../ui/title.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** The page of a build: steps, timeline, image and output. Live while the build runs. */
export default function BuildPage({ params }: ViewProps) {
  const id = params.id ?? "";
  const requested = Number(query.value.get("run"));
  const run = Number.isSafeInteger(requested) && requested > 0 ? requested : undefined;
  const record = useLoad(`${id} ${run}`, () => fetchBuild(id, run));
  return (
    <div class="page">
      <Loaded data={record}>{(known) => <Build key={`${id} ${known.run}`} record={known} />}</Loaded>
    </div>
  );
}

function Build({ record }: { record: BuildRecord }) {
  const text = messages.value;
  const words = buildMessages.value;
  const { id, run, tags, started } = record;
  const title = text.build(escapeInvisible(tags[0] ?? text.unnamed));
  useTitle(title);
  const log = useMemo(() => new BuildLog(), [id, run]);
  const lost = useSignal<unknown>(undefined);
  useEffect(() => {
    const aborter = new AbortController();
    replay(record, log, aborter.signal).catch((error: unknown) => {
      if (!aborter.signal.aborted) lost.value = error;
    });
    return () => aborter.abort();
  }, [id, log]);
  const steps = stepsOfBuild(log);
  const chosen = query.value.get("step") ?? undefined;
  const problem = log.problem.value;
  const result = log.result.value;
  const state = result
    ? "done"
    : problem?.code === "cancelled"
      ? "cancelled"
      : problem
        ? "failed"
        : record.state;
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
        <StatusBadge status={state} />
        {!log.isDone.value && lost.value === undefined && (
          <Button kind="danger" icon="stop" onClick={() => void service.cancel(id)}>
            {common.value.cancel}
          </Button>
        )}
      </div>
      <dl class="build-facts">
        <dt>{text.started}</dt>
        <dd class="number">{formatTime(started)}</dd>
        <dt>{text.time}</dt>
        <dd class="number">
          {state === "running" && lost.value === undefined ? (
            <RunningTime since={log.dateOf(0)} />
          ) : (
            formatDuration(log.time.value)
          )}
        </dd>
        <dt title={text.idHint}>{text.id}</dt>
        <dd class="build-id">
          <code>{id}</code>
          <CopyButton text={id} />
        </dd>
      </dl>
      {lost.value !== undefined && <ProblemNote error={lost.value} />}
      {problem && <ProblemNote error={problem} />}
      <section class="card" aria-label={words.steps}>
        <h2>{words.steps}</h2>
        {steps.length > 0 ? (
          <StepsList steps={steps} chosen={chosen} onChoose={(step) => setQuery({ step })} />
        ) : (
          log.isDone.value && <p class="steps-none soft">{result ? words.noSteps : words.noStepsBuilt}</p>
        )}
      </section>
      {steps.length > 0 && (
        <section class="card" aria-label={words.timeline.title}>
          <h2>{words.timeline.title}</h2>
          <TimelineView log={log} />
        </section>
      )}
      {result && (
        <section class="card" aria-label={words.image}>
          <h2>{words.image}</h2>
          <ImageResult result={result} buildId={undefined} />
        </section>
      )}
      <section class="card card-log" aria-label={words.log}>
        <h2>{words.log}</h2>
        <LogView log={log} />
      </section>
    </>
  );
}

async function replay({ id, run }: BuildRecord, log: BuildLog, signal: AbortSignal): Promise<void> {
  const { events } = await createService({ signal }).follow(id, run);
  for await (const event of events) {
    if (signal.aborted) return;
    log.add(event);
  }
}
