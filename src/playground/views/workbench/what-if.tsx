import { useSignal } from "@preact/signals";
import type { StepView } from "../../building/step-view.ts";
import { timeOf } from "../../building/step-view.ts";
import { type MovedPlace, type WhatIfResult, whatIf } from "../../building/what-if.ts";
import { formatDuration, formatNumber } from "../../i18n/format.ts";
import { dockerfilePath, inputs, writeText } from "../../project/project.ts";
import { selected } from "../../project/selection.ts";
import { Button } from "../../ui/button.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { visible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

type State = { state: "working" } | { answer: WhatIfResult | undefined } | { error: unknown } | undefined;

/** Shows the effect of moving an instruction to another line. */
export function WhatIf({ step }: { step: StepView }) {
  const text = messages.value.whatIf;
  const state = useSignal<State>(undefined);
  if (!/^\[[^\]]*\]\s*(COPY|ADD|RUN)\b/i.test(step.name)) return null;
  const ask = () => {
    state.value = { state: "working" };
    whatIf(inputs.peek(), selected.peek(), step.line).then(
      (answer) => {
        state.value = { answer };
      },
      (error: unknown) => {
        state.value = { error };
      },
    );
  };
  const { value } = state;
  return (
    <div class="what-if">
      <h3>{text.title}</h3>
      {(value === undefined || "state" in value) && (
        <Button onClick={ask} disabled={value !== undefined}>
          {text.ask}
        </Button>
      )}
      {value !== undefined && "error" in value && <ProblemNote error={value.error} />}
      {value !== undefined &&
        "answer" in value &&
        (value.answer === undefined ? <p>{text.noFiles}</p> : <Places answer={value.answer} />)}
    </div>
  );
}

function Places({ answer: { file, places } }: { answer: WhatIfResult }) {
  const text = messages.value.whatIf;
  const here = places[0]?.rerun?.length ?? 0;
  const least = Math.min(...places.map(({ rerun }) => rerun?.length ?? Number.POSITIVE_INFINITY));
  return (
    <>
      <p>{text.explain(visible(file))}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.place}</th>
            <th scope="col">{text.steps}</th>
            <th scope="col">{text.time}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <Place
              key={place.below?.line ?? 0}
              place={place}
              here={places[0]}
              isBest={place.rerun?.length === least && least < here}
            />
          ))}
        </tbody>
      </table>
      <p class="soft">{least < here ? text.caution : text.best(here)}</p>
    </>
  );
}

function Place({
  place,
  here,
  isBest,
}: {
  place: MovedPlace;
  here: MovedPlace | undefined;
  isBest: boolean;
}) {
  const text = messages.value.whatIf;
  const { below, rerun, dockerfile } = place;
  const saved = rerun === undefined ? 0 : timeOf(here?.rerun ?? []) - timeOf(rerun);
  return (
    <tr class={isBest ? "what-if-best" : ""}>
      <th scope="row">
        {below === undefined ? text.here : <code>{text.below(below.line, visible(below.instruction))}</code>}
      </th>
      <td class="number">{rerun === undefined ? text.impossible : formatNumber(rerun.length)}</td>
      <td class="number">{saved > 0 ? formatDuration(saved) : ""}</td>
      <td>
        {isBest && <Button onClick={() => writeText(dockerfilePath.peek(), dockerfile)}>{text.apply}</Button>}
      </td>
    </tr>
  );
}
