import { useSignal } from "@preact/signals";
import type { StepView } from "../../building/step-view.ts";
import { timeOf } from "../../building/step-view.ts";
import { type MoveOption, type WhatIfResult, whatIf } from "../../building/what-if.ts";
import { formatDuration, formatNumber } from "../../i18n/format.ts";
import { dockerfilePath, inputs, writeText } from "../../project/project.ts";
import { selected } from "../../project/selection.ts";
import { Button } from "../../ui/button.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

type State = { isComputing: true } | { result: WhatIfResult | undefined } | { error: unknown } | undefined;

/** Computes and shows the effect of moving an instruction. */
export function WhatIf({ step }: { step: StepView }) {
  const text = messages.value.whatIf;
  const state = useSignal<State>(undefined);
  if (!/^\[[^\]]*\]\s*(COPY|ADD|RUN)\b/i.test(step.name)) return null;
  const compute = () => {
    state.value = { isComputing: true };
    whatIf(inputs.peek(), selected.peek(), step.line).then(
      (result) => {
        state.value = { result };
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
      {(value === undefined || "isComputing" in value) && (
        <Button onClick={compute} disabled={value !== undefined}>
          {text.ask}
        </Button>
      )}
      {value !== undefined && "error" in value && <ProblemNote error={value.error} />}
      {value !== undefined &&
        "result" in value &&
        (value.result === undefined ? <p>{text.noFiles}</p> : <MoveOptions result={value.result} />)}
    </div>
  );
}

function MoveOptions({ result: { file, options } }: { result: WhatIfResult }) {
  const text = messages.value.whatIf;
  const here = options[0]?.rerun?.length ?? 0;
  const least = Math.min(...options.map(({ rerun }) => rerun?.length ?? Number.POSITIVE_INFINITY));
  return (
    <>
      <p>{text.explain(escapeInvisible(file))}</p>
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
          {options.map((option) => (
            <OptionRow
              key={option.below?.line ?? 0}
              option={option}
              here={options[0]}
              isBest={option.rerun?.length === least && least < here}
            />
          ))}
        </tbody>
      </table>
      <p class="soft">{least < here ? text.caution : text.best(here)}</p>
    </>
  );
}

function OptionRow({
  option,
  here,
  isBest,
}: {
  option: MoveOption;
  here: MoveOption | undefined;
  isBest: boolean;
}) {
  const text = messages.value.whatIf;
  const { below, rerun, dockerfile } = option;
  const saved = rerun === undefined ? 0 : timeOf(here?.rerun ?? []) - timeOf(rerun);
  return (
    <tr class={isBest ? "what-if-best" : ""}>
      <th scope="row">
        {below === undefined ? (
          text.here
        ) : (
          <code>{text.below(below.line, escapeInvisible(below.instruction))}</code>
        )}
      </th>
      <td class="number">{rerun === undefined ? text.impossible : formatNumber(rerun.length)}</td>
      <td class="number">{saved > 0 ? formatDuration(saved) : ""}</td>
      <td>
        {isBest && <Button onClick={() => writeText(dockerfilePath.peek(), dockerfile)}>{text.apply}</Button>}
      </td>
    </tr>
  );
}
