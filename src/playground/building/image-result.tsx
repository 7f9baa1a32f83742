import "./image-result.css";
import type { BuildResult } from "../../../schemas/events.ts";
import { formatBytes, formatNumber } from "../i18n/format.ts";
import { dockerPullCommand, referenceOf, registryPath } from "../images/image-service.ts";
import { link } from "../router.ts";
import { service } from "../service.ts";
import { CopyableCommand, CopyButton } from "../ui/digest.tsx";
import { DownloadLink } from "../ui/download-link.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loaded, useLoad } from "../ui/load.tsx";
import { escapeInvisible } from "../ui/visible-text.ts";
import { messages } from "./messages.ts";

interface StoredManifest {
  config?: { size: number };
  layers?: { size: number; digest: string }[];
  manifests?: {
    size: number;
    digest: string;
    platform?: { os: string; architecture: string; variant?: string };
  }[];
}

/** Shows the image of a build, with actions. */
export function ImageResult({ result, buildId }: { result: BuildResult; buildId: string | undefined }) {
  const text = messages.value;
  const { descriptor, imageId, repository, tags } = result;
  const { digest, mediaType } = descriptor;
  const manifest = useLoad(digest, () =>
    service.ask<StoredManifest>(registryPath(repository, `manifests/${digest}`), {
      headers: { accept: mediaType },
    }),
  );
  const reference = referenceOf(result);
  return (
    <div class="image-result">
      <dl>
        <dt>{text.digest}</dt>
        <dd class="image-result-digest">
          <code>{digest}</code>
          <CopyButton text={digest} />
        </dd>
        <dt>{text.imageId}</dt>
        <dd class="image-result-digest">
          <code>{imageId}</code>
          <CopyButton text={imageId} />
        </dd>
        <dt>{text.size}</dt>
        <dd>
          <Loaded data={manifest}>{(stored) => <Size manifest={stored} />}</Loaded>
        </dd>
        {tags.length > 0 && (
          <>
            <dt>{text.names}</dt>
            <dd>
              {tags.map((given) => (
                <code key={given}>{escapeInvisible(given)} </code>
              ))}
            </dd>
          </>
        )}
        <dt>{text.pull}</dt>
        <dd>
          <CopyableCommand label={text.pull} command={dockerPullCommand({ name: repository, reference })} />
        </dd>
      </dl>
      <ul class="image-result-links">
        <li>
          <DownloadLink
            href={`/v1/images/${repository}/${encodeURIComponent(reference)}/archive`}
            name={`${repository.replaceAll("/", "-")}.tar`}
          >
            <Icon name="download" />
            {text.download}
          </DownloadLink>
        </li>
        <li>
          <a href={link("images", repository, digest)}>
            <Icon name="layers" />
            {text.explore}
          </a>
        </li>
        {buildId !== undefined && (
          <li>
            <a href={link("builds", buildId)}>
              <Icon name="link" />
              {text.permalink}
            </a>
          </li>
        )}
      </ul>
    </div>
  );
}

function Size({ manifest: { layers, manifests } }: { manifest: StoredManifest }) {
  const text = messages.value;
  if (layers === undefined) {
    const names = (manifests ?? []).map(({ platform }) =>
      platform === undefined
        ? "?"
        : [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/"),
    );
    return <span>{`${formatNumber(names.length)}: ${names.join(", ")}`}</span>;
  }
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  return <span>{text.layerCount(layers.length, formatBytes(bytes))}</span>;
}
