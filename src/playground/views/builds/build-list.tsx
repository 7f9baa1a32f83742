import "./builds.css";
import { useSignal } from "@preact/signals";
import type { BuildList, BuildRecord } from "../../../../schemas/build.ts";
import { formatDuration, formatTime } from "../../i18n/format.ts";
import { linkToRun } from "../../router.ts";
import { fetchBuilds } from "../../service.ts";
import { Button } from "../../ui/button.tsx";
import { Digest } from "../../ui/digest.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { StatusBadge } from "../../ui/status.tsx";
import { useTitle } from "../../ui/title.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** The list of builds. */
export default function BuildListPage() {
  const text = messages.value;
  useTitle(text.title);
  const builds = useLoad("builds", fetchBuilds);
  return (
    <div class="page">
      <div class="page-head">
        <h1>{text.title}</h1>
        {builds.state === "loaded" && <Button onClick={builds.reload}>{text.refresh}</Button>}
      </div>
      <Loaded data={builds}>
        {(first) =>
          first.builds.length === 0 ? <p class="soft">{text.none}</p> : <Builds key={first} first={first} />
        }
      </Loaded>
    </div>
  );
}

/** The newest builds, and older ones on request. */
function Builds({ first }: { first: BuildList }) {
  const text = messages.value;
  const records = useSignal(first.builds);
  const next = useSignal(first.next);
  const fault = useSignal<unknown>(undefined);
  const isLoading = useSignal(false);
  const loadMore = async () => {
    isLoading.value = true;
    fault.value = undefined;
    try {
      const part = await fetchBuilds(next.peek());
      records.value = [...records.peek(), ...part.builds];
      next.value = part.next;
    } catch (error) {
      fault.value = error;
    }
    isLoading.value = false;
  };
  return (
    <>
      <Table records={records.value} />
      {fault.value !== undefined && <ProblemNote error={fault.value} />}
      {next.value !== undefined && (
        <p>
          <Button disabled={isLoading.value} onClick={() => void loadMore()}>
            {text.more}
          </Button>
        </p>
      )}
    </>
  );
}

function Table({ records }: { records: readonly BuildRecord[] }) {
  const text = messages.value;
  return (
    <table class="builds-table">
      <thead>
        <tr>
          <th scope="col">{text.name}</th>
          <th scope="col">{text.status}</th>
          <th scope="col">{text.started}</th>
          <th scope="col" class="builds-time">
            {text.time}
          </th>
          <th scope="col">{text.id}</th>
        </tr>
      </thead>
      <tbody>
        {records.map(({ id, run, tags, state, started, ended }) => (
          <tr key={`${id} ${run}`}>
            <th scope="row">
              <a href={linkToRun(id, run)}>{escapeInvisible(tags[0] ?? text.unnamed)}</a>
            </th>
            <td>
              <StatusBadge status={state} />
            </td>
            <td class="number">{formatTime(started)}</td>
            <td class="builds-time number">
              {ended === undefined ? "" : formatDuration(Date.parse(ended) - Date.parse(started))}
            </td>
            <td>
              <Digest value={id} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
