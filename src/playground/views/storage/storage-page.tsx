import "./storage.css";
import type { Usage } from "../../../../schemas/usage.ts";
import { formatBytes, formatNumber } from "../../i18n/format.ts";
import { usage } from "../../images/storage-service.ts";
import { link } from "../../router.ts";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { useTitle } from "../../ui/title.ts";
import { visible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { PruneForm } from "./prune-form.tsx";

/** The storage of the server by repository and by kind, and a prune form. */
export default function StoragePage() {
  const text = messages.value;
  useTitle(text.title);
  const measured = useLoad("usage", usage);
  return (
    <div class="page">
      <h1>{text.title}</h1>
      <Loaded data={measured}>
        {(stored) => (
          <>
            <p class="soft">{text.intro}</p>
            <div class="storage">
              <div class="storage-column">
                <Repositories usage={stored} />
                <PruneForm onPruned={measured.state === "loaded" ? measured.again : () => {}} />
              </div>
              <Kinds usage={stored} />
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

function Repositories({ usage: { repositories } }: { usage: Usage }) {
  const text = messages.value;
  const sorted = [...repositories].sort((a, b) => b.bytes - a.bytes);
  return (
    <section class="card" aria-label={text.repositories}>
      <h2>{text.repositories}</h2>
      {sorted.length === 0 ? (
        <p class="storage-none soft">{text.none}</p>
      ) : (
        <table class="storage-table">
          <thead>
            <tr>
              <th scope="col">{text.repository}</th>
              <th scope="col" class="storage-number">
                {text.tags}
              </th>
              <th scope="col" class="storage-number">
                {text.manifests}
              </th>
              <th scope="col" class="storage-number">
                {text.bytes}
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ name, tags, manifests, bytes }) => (
              <tr key={name}>
                <th scope="row">
                  <a href={link("repositories", name)}>{visible(name)}</a>
                </th>
                <td class="storage-number">{formatNumber(tags)}</td>
                <td class="storage-number">{formatNumber(manifests)}</td>
                <td class="storage-number">{formatBytes(bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Kinds({ usage: { total, kinds } }: { usage: Usage }) {
  const text = messages.value;
  const names = (Object.keys(text.kinds) as (keyof typeof text.kinds)[]).filter((kind) => kinds[kind]);
  return (
    <section class="card" aria-label={text.byKind}>
      <h2>{text.byKind}</h2>
      <table class="storage-table">
        <thead>
          <tr>
            <th scope="col">{text.kind}</th>
            <th scope="col" class="storage-number">
              {text.objects}
            </th>
            <th scope="col" class="storage-number">
              {text.bytes}
            </th>
          </tr>
        </thead>
        <tbody>
          {names
            .sort((a, b) => (kinds[b]?.bytes ?? 0) - (kinds[a]?.bytes ?? 0))
            .map((kind) => (
              <tr key={kind}>
                <th scope="row">{text.kinds[kind]}</th>
                <td class="storage-number">{formatNumber(kinds[kind]?.objects ?? 0)}</td>
                <td class="storage-number">{formatBytes(kinds[kind]?.bytes ?? 0)}</td>
              </tr>
            ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{text.total}</th>
            <td class="storage-number">{formatNumber(total.objects)}</td>
            <td class="storage-number">{formatBytes(total.bytes)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
