import "./images.css";
import "./compare-page.css";
import type { Comparison, FileDifference } from "../../../../schemas/comparison.ts";
import type { ImageLayer } from "../../../../schemas/images.ts";
import { formatBytes } from "../../i18n/format.ts";
import { fetchComparison, type ImageAt, imageName, imagePath } from "../../images/image-service.ts";
import { link, type ViewProps } from "../../router.ts";
import { Digest } from "../../ui/digest.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { useTitle } from "../../ui/title.ts";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { FileSign } from "./file-sign.tsx";
import { instructionOf } from "./layer-list.tsx";
import { messages } from "./messages.ts";

/** Compares two images: shared layers, and differences of layers, config and files. */
export default function ComparePage({ params }: ViewProps) {
  const text = messages.value.comparison;
  const before: ImageAt = { name: params.name ?? "", reference: params.ref ?? "" };
  const after: ImageAt = { name: params.otherName ?? "", reference: params.other ?? "" };
  useTitle(`${text.title}: ${text.of(imageName(before), imageName(after))}`);
  const loaded = useLoad(`${imagePath(before)} ${imagePath(after)}`, () => fetchComparison(before, after));
  return (
    <div class="page page-wide">
      <div class="page-head">
        <h1>{text.title}</h1>
        <a
          class="compare-swap"
          href={link("compare", after.name, after.reference, before.name, before.reference)}
        >
          <Icon name="compare" />
          {text.swap}
        </a>
      </div>
      <Loaded data={loaded}>
        {(comparison) => <Differences before={before} after={after} comparison={comparison} />}
      </Loaded>
    </div>
  );
}

interface DifferencesProps {
  before: ImageAt;
  after: ImageAt;
  comparison: Comparison;
}

function Differences({ before, after, comparison }: DifferencesProps) {
  const text = messages.value.comparison;
  const { layers, config, counts, files, more } = comparison;
  const growth = comparison.after.size - comparison.before.size;
  return (
    <>
      <div class="compare-sides">
        <Side
          title={text.before}
          image={before}
          size={comparison.before.size}
          digest={comparison.before.digest}
        />
        <Side
          title={text.after}
          image={after}
          size={comparison.after.size}
          digest={comparison.after.digest}
        />
        <p class="number">
          {growth === 0
            ? text.equal
            : growth > 0
              ? text.grows(formatBytes(growth))
              : text.shrinks(formatBytes(-growth))}
        </p>
      </div>
      <div class="compare-layers">
        <Layers title={text.shared} layers={layers.shared} sign="=" />
        <Layers title={text.removed} layers={layers.removed} sign="−" />
        <Layers title={text.added} layers={layers.added} sign="+" />
      </div>
      <section class="card" aria-label={text.config}>
        <h2>{text.config}</h2>
        {config.length === 0 ? (
          <p class="compare-none soft">{text.same}</p>
        ) : (
          <table class="compare-config">
            <thead>
              <tr>
                <th scope="col">{text.field}</th>
                <th scope="col">{text.before}</th>
                <th scope="col">{text.after}</th>
              </tr>
            </thead>
            <tbody>
              {config.map((one) => (
                <tr key={one.field}>
                  <th scope="row">
                    <code>{escapeInvisible(one.field)}</code>
                  </th>
                  <td>{one.before !== undefined && <Value value={one.before} />}</td>
                  <td>{one.after !== undefined && <Value value={one.after} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section class="card compare-files" aria-label={text.files} style={{ "--rows": files.length }}>
        <h2>
          {text.files}
          <span class="soft">
            {text.counts(counts.added.files, counts.changed.files, counts.removed.files)}
          </span>
        </h2>
        {files.length === 0 ? (
          <p class="compare-none soft">{text.sameFiles}</p>
        ) : (
          <Files before={before} after={after} files={files} />
        )}
        {more && <p class="compare-none soft">{text.more}</p>}
      </section>
    </>
  );
}

/** A config value. Volumes and ports have no value: they are only set or not. */
function Value({ value }: { value: string }) {
  if (value === "") return <span class="soft">{messages.value.comparison.isSet}</span>;
  return <code>{escapeInvisible(value)}</code>;
}

function Side({
  title,
  image,
  size,
  digest,
}: {
  title: string;
  image: ImageAt;
  size: number;
  digest: string;
}) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p>
        <a href={link("images", image.name, image.reference)}>{escapeInvisible(imageName(image))}</a>
      </p>
      <p class="soft">
        <Digest value={digest} /> <span class="number">{formatBytes(size)}</span>
      </p>
    </section>
  );
}

function Layers({ title, layers, sign }: { title: string; layers: readonly ImageLayer[]; sign: string }) {
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      {layers.length === 0 && <p class="compare-none soft">{messages.value.comparison.noLayers}</p>}
      <ul class="compare-list">
        {layers.map(({ index, digest, size, createdBy }) => (
          <li key={index}>
            <span class="compare-sign" aria-hidden="true">
              {sign}
            </span>
            <code title={digest}>{escapeInvisible(instructionOf(createdBy ?? digest))}</code>
            <span class="number soft">{formatBytes(size)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Files({
  before,
  after,
  files,
}: {
  before: ImageAt;
  after: ImageAt;
  files: readonly FileDifference[];
}) {
  return (
    <VirtualList
      count={files.length}
      attributes={{ role: "group", tabIndex: 0, "aria-label": messages.value.comparison.files }}
      row={(index) => {
        const { path, change, before: was, after: is } = files[index] as FileDifference;
        const image = change === "removed" ? before : after;
        const address = `${link("images", image.name, image.reference)}?${new URLSearchParams({ path })}`;
        return (
          <div key={path} class={`compare-file file-${change}`}>
            <FileSign change={change} />
            <a href={address}>{escapeInvisible(path)}</a>
            <span class="number soft">
              {was !== undefined && is !== undefined && was.size !== is.size
                ? `${formatBytes(was.size)} → ${formatBytes(is.size)}`
                : formatBytes((is ?? was)?.size ?? 0)}
            </span>
          </div>
        );
      }}
    />
  );
}
