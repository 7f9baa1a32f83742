import "./builds.css";
import type { BuildRecord } from "../../../../schemas/build.ts";
import { formatTime } from "../../i18n/format.ts";
import { link } from "../../router.ts";
import { lastBuilds } from "../../service.ts";
import { Button } from "../../ui/button.tsx";
import { Digest } from "../../ui/digest.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { StatusBadge } from "../../ui/status.tsx";
import { useTitle } from "../../ui/title.ts";
import { visible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** The last builds of this server. */
export default function BuildList() {
  const text = messages.value;
  useTitle(text.title);
  const builds = useLoad("builds", lastBuilds);
  return (
    <div class="page">
      <div class="page-head">
        <h1>{text.title}</h1>
        {builds.state === "there" && <Button onClick={builds.again}>{text.refresh}</Button>}
      </div>
      <Loaded data={builds}>
        {(records) => (records.length === 0 ? <p class="soft">{text.none}</p> : <Table records={records} />)}
      </Loaded>
    </div>
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
        {records.map(({ id, tags, state, started, ended }) => (
          <tr key={id}>
            <th scope="row">
              <a href={link("builds", id)}>{visible(tags[0] ?? text.unnamed)}</a>
            </th>
            <td>
              <StatusBadge status={state} />
            </td>
            <td class="number">{formatTime(started)}</td>
            <td class="builds-time number">
              {ended === undefined ? "" : text.took(Date.parse(ended) - Date.parse(started))}
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
