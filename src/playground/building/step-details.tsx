import "./step-details.css";
import type { ComponentChildren } from "preact";
import type { Difference } from "../../../schemas/events.ts";
import type { PlanStep } from "../../../schemas/plan.ts";
import { ProblemNote } from "../ui/problem.tsx";
import { escapeInvisible, shortDigests } from "../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { explainStep } from "./sentences.ts";
import type { StepView } from "./step-view.ts";

/** Explains why a step hit or missed the build cache: a sentence, and a table of the parts of its cache key. */
export function StepDetails({ step, children }: { step: StepView; children?: ComponentChildren }) {
  const { problem, plan, differences, name, line } = step;
  const text = messages.value;
  return (
    <div class="step-details">
      <p class="step-details-name">
        <code>{escapeInvisible(name)}</code> <span class="soft">{text.line(line)}</span>
      </p>
      <p>{explainStep(step)}</p>
      {problem && <ProblemNote error={problem} />}
      {(differences.length > 0 || plan?.key) && <KeyParts differences={differences} plan={plan} />}
      {plan !== undefined && plan.sources.length > 0 && <Sources sources={plan.sources} />}
      {children}
    </div>
  );
}

/** Maximum number of differences in the table. */
const MAX_ROWS = 100;

function KeyParts({ differences, plan }: { differences: readonly Difference[]; plan: PlanStep | undefined }) {
  const text = messages.value;
  const changed = new Set(differences.map(({ part }) => part));
  // Without differences, the column of earlier values would be empty.
  const isCompared = differences.length > 0;
  return (
    <table class="key-parts">
      <caption>{text.keyParts}</caption>
      <thead>
        <tr>
          <th scope="col">{text.part}</th>
          {isCompared && <th scope="col">{text.before}</th>}
          <th scope="col">{isCompared ? text.after : text.value}</th>
        </tr>
      </thead>
      <tbody>
        {differences.slice(0, MAX_ROWS).map(({ part, name, before, after }, index) => (
          <tr key={index} class="key-part-changed">
            <th scope="row">
              {partName(part)}
              {name !== undefined && <code>{escapeInvisible(name)}</code>}
            </th>
            <td>{before === undefined ? <i class="soft">{text.nothing}</i> : <Value text={before} />}</td>
            <td>{after === undefined ? <i class="soft">{text.nothing}</i> : <Value text={after} />}</td>
          </tr>
        ))}
        {plan?.key && unchangedParts(plan.key, plan.instruction, changed)}
      </tbody>
    </table>
  );
}

function unchangedParts(
  key: NonNullable<PlanStep["key"]>,
  instruction: string,
  changed: ReadonlySet<string>,
): ComponentChildren {
  const text = messages.value;
  const rows = [
    { part: "instruction", value: instruction },
    { part: "parent", value: key.parent },
    { part: "settings", value: key.settings },
    ...key.sources.map((value) => ({ part: "sources", value })),
  ] as const;
  const isChanged = (part: string) =>
    changed.has(part) ||
    (part === "settings" && changed.has("option")) ||
    (part === "parent" && changed.has("base")) ||
    (part === "sources" && ["file", "step", "download"].some((name) => changed.has(name)));
  return rows
    .filter(({ part, value }) => value !== "" && !isChanged(part))
    .map(({ part, value }, index) => (
      <tr key={`same-${index}`}>
        <th scope="row">{partName(part)}</th>
        {changed.size > 0 && <td class="soft">{text.unchanged}</td>}
        <td>
          <Value text={value} />
        </td>
      </tr>
    ));
}

function partName(part: string): string {
  const { parts } = messages.value;
  return part in parts ? parts[part as keyof typeof parts] : part;
}

function Value({ text }: { text: string }) {
  return (
    <code class="key-value" title={escapeInvisible(text)}>
      {escapeInvisible(shortDigests(text))}
    </code>
  );
}

function Sources({ sources }: { sources: PlanStep["sources"] }) {
  const text = messages.value;
  return (
    <dl class="step-sources">
      <dt>{text.reads}</dt>
      {sources.map(({ name, files, bytes }, index) => (
        <dd key={index}>
          <code>{escapeInvisible(name)}</code>
          {files !== undefined && <span class="soft"> {text.filesOf(files, bytes ?? 0)}</span>}
        </dd>
      ))}
    </dl>
  );
}
