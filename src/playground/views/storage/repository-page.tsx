import { Fact, StorageTable } from "./storage-parts.tsx";
import "./storage.css";
import { useSignal } from "@preact/signals";
import type { BuildRecord } from "../../../../schemas/build.ts";
import type { ImageSummary } from "../../../../schemas/images.ts";
import { formatBytes, formatNumber, formatTime } from "../../i18n/format.ts";
import { fetchImages } from "../../images/image-service.ts";
import { buildsOfRepository, fetchUsage } from "../../images/storage-service.ts";
import { messages as common } from "../../messages.ts";
import { link, linkToRun, type ViewProps } from "../../router.ts";
import { fetchBuildsOfImage } from "../../service.ts";
import { Choice } from "../../ui/choice.tsx";
import { Digest } from "../../ui/digest.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { useTitle } from "../../ui/title.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { InsightsCard } from "./insights-card.tsx";
import { messages } from "./messages.ts";
import { PruneForm } from "./prune-form.tsx";

/** The page of a repository: tags, builds that set them, storage, and a prune form. */
export default function RepositoryPage({ params }: ViewProps) {
  const text = messages.value;
  const { name = "" } = params;
  useTitle(escapeInvisible(name));
  const images = useLoad(name, () => fetchImages(name));
  return (
    <div class="page">
      <div class="page-head">
        <h1>{escapeInvisible(name)}</h1>
        <a href="#/storage">{text.all}</a>
      </div>
      <Loaded data={images}>
        {(found) => (
          <>
            <RepositoryStorage name={name} />
            <div class="storage">
              <div class="storage-column">
                <Tags images={found} />
                <PruneForm
                  repository={name}
                  onPruned={images.state === "loaded" ? images.reload : () => {}}
                />
              </div>
              <div class="storage-column">
                <History name={name} images={found} />
                <InsightsCard name={name} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

/** The storage of a repository. The caller may lack the permission to see it. */
function RepositoryStorage({ name }: { name: string }) {
  const text = messages.value;
  const measured = useLoad(name, fetchUsage);
  if (measured.state === "failed") return <p class="soft">{text.noUsage}</p>;
  if (measured.state === "loading") return null;
  const taken = measured.value.repositories.find((repository) => repository.name === name);
  if (taken === undefined) return null;
  return (
    <dl class="storage-facts">
      <Fact name={text.bytes} value={formatBytes(taken.bytes)} />
      <Fact name={text.tags} value={formatNumber(taken.tags)} />
      <Fact name={text.manifests} value={formatNumber(taken.manifests)} />
      <Fact name={text.blobs} value={formatNumber(taken.blobs)} />
    </dl>
  );
}

function Tags({ images }: { images: readonly ImageSummary[] }) {
  const text = messages.value;
  return (
    <section class="card" aria-label={text.tags}>
      <h2>{text.tags}</h2>
      {images.length === 0 ? (
        <p class="storage-none soft">{text.noTags}</p>
      ) : (
        <StorageTable
          head={[text.chooseTag, text.digest, text.size]}
          texts={2}
          rows={images.map(({ name, tag = "", digest, size }) => ({
            key: tag,
            cells: [
              <a key={tag} href={link("images", name, tag)}>
                {escapeInvisible(tag)}
              </a>,
              <Digest key={digest} value={digest} />,
              formatBytes(size),
            ],
          }))}
        />
      )}
    </section>
  );
}

function History({ name, images }: { name: string; images: readonly ImageSummary[] }) {
  const text = messages.value;
  const builds = useLoad(name, () => fetchBuildsOfImage(name));
  const tag = useSignal("");
  const names = images.flatMap((image) => image.tag ?? []);
  return (
    <section class="card" aria-label={text.historyTitle}>
      <h2>{text.historyTitle}</h2>
      <div class="storage-history">
        <p class="soft">{text.historyHint}</p>
        <Choice
          label={text.chooseTag}
          value={tag.value}
          options={[
            { value: "", text: text.everyTag },
            ...names.map((value) => ({ value, text: escapeInvisible(value) })),
          ]}
          onChoose={(chosen) => {
            tag.value = chosen;
          }}
        />
      </div>
      <Loaded data={builds}>
        {(records) => (
          <Builds
            builds={buildsOfRepository(records, name).filter(
              ({ tags }) => tag.value === "" || tags.includes(tag.value),
            )}
            images={images}
          />
        )}
      </Loaded>
    </section>
  );
}

interface BuildsProps {
  builds: readonly { record: BuildRecord; tags: readonly string[] }[];
  images: readonly ImageSummary[];
}

function Builds({ builds, images }: BuildsProps) {
  const text = messages.value;
  if (builds.length === 0) return <p class="storage-none soft">{text.noBuilds}</p>;
  return (
    <ol class="storage-builds">
      {builds.map(({ record: { id, run, state, started, result }, tags }) => {
        const digest = result?.descriptor.digest;
        const isCurrent = images.some((image) => tags.includes(image.tag ?? "") && image.digest === digest);
        return (
          <li key={`${id} ${run}`}>
            <a href={linkToRun(id, run)}>{formatTime(started)}</a>
            <span>{tags.map(escapeInvisible).join(", ")}</span>
            {digest === undefined ? (
              <span class="soft">{common.value.statuses[state]}</span>
            ) : (
              <Digest value={digest} />
            )}
            {isCurrent && <span class="storage-current">{text.current}</span>}
          </li>
        );
      })}
    </ol>
  );
}
