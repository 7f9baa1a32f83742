import { StorageTable } from "./storage-parts.tsx";
import "./storage.css";
import type { Usage } from "../../../../schemas/usage.ts";
import { formatBytes, formatNumber } from "../../i18n/format.ts";
import { fetchUsage } from "../../images/storage-service.ts";
import { link } from "../../router.ts";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { useTitle } from "../../ui/title.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { PruneForm } from "./prune-form.tsx";

/** The storage of the server by repository and by kind, and a prune form. */
export default function StoragePage() {
  const text = messages.value;
  useTitle(text.title);
  const measured = useLoad("usage", fetchUsage);
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
                <PruneForm onPruned={measured.state === "loaded" ? measured.reload : () => {}} />
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
        <StorageTable
          head={[text.repository, text.tags, text.manifests, text.bytes]}
          rows={sorted.map(({ name, tags, manifests, bytes }) => ({
            key: name,
            cells: [
              <a key={name} href={link("repositories", name)}>
                {escapeInvisible(name)}
              </a>,
              formatNumber(tags),
              formatNumber(manifests),
              formatBytes(bytes),
            ],
          }))}
        />
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
      <StorageTable
        head={[text.kind, text.objects, text.bytes]}
        rows={names
          .sort((a, b) => (kinds[b]?.bytes ?? 0) - (kinds[a]?.bytes ?? 0))
          .map((kind) => ({ key: kind, cells: [text.kinds[kind], ...amount(kinds[kind])] }))}
        total={[text.total, ...amount(total)]}
      />
    </section>
  );
}

function amount({ objects, bytes } = { objects: 0, bytes: 0 }): string[] {
  return [formatNumber(objects), formatBytes(bytes)];
}
