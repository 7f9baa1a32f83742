import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { PruneOptions, PruneReport } from "../../../../schemas/usage.ts";
import { formatBytes } from "../../i18n/format.ts";
import { prune } from "../../images/storage-service.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

const fields = ["keep", "until", "untagged", "unused"] as const;
type FormValues = Record<(typeof fields)[number], string>;

/** Maximum number of names of removed objects that are shown. */
const MAX_NAMES = 100;

/**
 * A form for a prune. Shows first what would be removed, and removes it after a confirmation.
 * @param props.repository limits the prune to the tags and manifests of this repository
 */
export function PruneForm({ repository, onPruned }: { repository?: string; onPruned(): void }) {
  const text = messages.value.prune;
  const id = useId();
  const written = useSignal<FormValues>({ keep: "", until: "", untagged: "", unused: "7" });
  const report = useSignal<PruneReport | undefined>(undefined);
  const fault = useSignal<unknown>(undefined);
  const work = useSignal<"trying" | "removing" | undefined>(undefined);
  const runPrune = async (dryRun: boolean) => {
    work.value = dryRun ? "trying" : "removing";
    report.value = fault.value = undefined;
    try {
      const result = await prune({ ...optionsOf(written.peek(), repository), dryRun });
      if (result.dryRun !== dryRun) throw { title: text.busy };
      if (result.state === "failed") throw { title: text.failed, detail: result.detail };
      report.value = result;
      if (dryRun) announce(result.total.objects === 0 ? text.nothing : text.would);
      else {
        announce(text.removed);
        onPruned();
      }
    } catch (error) {
      fault.value = error;
    } finally {
      work.value = undefined;
    }
  };
  const remove = ({ total }: PruneReport) => {
    if (confirm(text.question(total.objects, formatBytes(total.bytes)))) void runPrune(false);
  };
  return (
    <section class="card prune" aria-labelledby={id}>
      <h2 id={id}>{repository === undefined ? text.title : text.titleOf(escapeInvisible(repository))}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void runPrune(true);
        }}
      >
        <p class="soft">{text.hint}</p>
        {fields.map((name) => (
          <label key={name} class="prune-field">
            <span>{text[name]}</span>
            <input
              class="text-input number"
              type="number"
              min={name === "keep" ? 0 : 1}
              max={100_000}
              step={1}
              required={name === "unused"}
              placeholder={text.asIs}
              value={written.value[name]}
              onInput={(event) => {
                written.value = { ...written.peek(), [name]: event.currentTarget.value };
                // The report no longer matches the form.
                report.value = undefined;
              }}
            />
            <span class="soft">{name === "keep" ? "" : text.days}</span>
          </label>
        ))}
        <p>
          <Button type="submit" disabled={work.value !== undefined}>
            {work.value === "trying" ? text.trying : text.try}
          </Button>
        </p>
      </form>
      {fault.value !== undefined && <ProblemNote error={fault.value} />}
      {report.value !== undefined && <Report report={report.value} />}
      {report.value?.dryRun && report.value.total.objects > 0 && (
        <p class="prune-remove">
          <Button kind="danger" icon="trash" onClick={() => report.value && remove(report.value)}>
            {text.remove}
          </Button>
        </p>
      )}
      {work.value === "removing" && <p class="prune-report soft">{text.removing}</p>}
    </section>
  );
}

function Report({ report: { dryRun, tags, manifests, removed, total } }: { report: PruneReport }) {
  const { prune: text, kinds } = messages.value;
  if (total.objects === 0 && tags.length === 0) {
    return <p class="prune-report">{dryRun ? text.nothing : text.removedNothing}</p>;
  }
  const named = Object.entries(removed) as [keyof typeof kinds, { objects: number; bytes: number }][];
  return (
    <div class="prune-report">
      <h3>{dryRun ? text.would : text.removed}</h3>
      <p>{text.sum(total.objects, formatBytes(total.bytes))}</p>
      <ul>
        {named.map(([kind, { objects, bytes }]) => (
          <li key={kind}>{`${kinds[kind]}: ${text.sum(objects, formatBytes(bytes))}`}</li>
        ))}
      </ul>
      <Names title={text.tags(tags.length)} names={tags} />
      <Names title={text.manifests(manifests.length)} names={manifests} />
    </div>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  const text = messages.value.prune;
  if (names.length === 0) return null;
  return (
    <details>
      <summary>{title}</summary>
      <ul class="prune-names">
        {names.slice(0, MAX_NAMES).map((name) => (
          <li key={name}>
            <code>{escapeInvisible(name)}</code>
          </li>
        ))}
        {names.length > MAX_NAMES && <li class="soft">{text.more(names.length - MAX_NAMES)}</li>}
      </ul>
    </details>
  );
}

function optionsOf(
  { keep, until, untagged, unused }: FormValues,
  repository: string | undefined,
): PruneOptions {
  return {
    ...(keep !== "" && { keep: Number(keep) }),
    ...(until !== "" && { until: `${until}d` }),
    ...(untagged !== "" && { untagged: `${untagged}d` }),
    unused: `${unused}d`,
    ...(repository !== undefined && { repositories: [repository] }),
  };
}
