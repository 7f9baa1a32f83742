import "./images.css";
import type { ImageInspection } from "../../../../schemas/images.ts";
import { formatBytes, formatTime } from "../../i18n/format.ts";
import { isRealDate } from "../../images/created.ts";
import { dockerPullCommand, fetchInspection, type ImageAt, imagePath } from "../../images/image-service.ts";
import { link, query, setQuery, type ViewProps } from "../../router.ts";
import { Choice } from "../../ui/choice.tsx";
import { CopyableCommand, CopyButton } from "../../ui/digest.tsx";
import { DownloadLink } from "../../ui/download-link.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useTitle } from "../../ui/title.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { ConfigTab } from "./config-tab.tsx";
import { LayersTab } from "./layers-tab.tsx";
import { MapTab } from "./map-tab.tsx";
import { messages } from "./messages.ts";
import { ObjectsTab } from "./objects-tab.tsx";

const tabs = ["layers", "map", "objects", "config"] as const;
type TabName = (typeof tabs)[number];

export default function ImagePage({ params }: ViewProps) {
  const { name = "", ref: reference = "" } = params;
  const platform = query.value.get("platform") ?? undefined;
  const image: ImageAt = { name, reference, platform };
  const inspected = useLoad(imagePath(image), () => fetchInspection(image));
  const title = titleOf(image);
  useTitle(title);
  return (
    <div class="page page-wide">
      <BackToLesson />
      <div class="page-head">
        <h1>{escapeInvisible(title)}</h1>
      </div>
      <Loaded data={inspected}>
        {(known) => <Image key={imagePath(image)} image={image} inspection={known} />}
      </Loaded>
    </div>
  );
}

/** A link to the lesson from which the user came. */
function BackToLesson() {
  const lesson = query.value.get("lesson");
  if (lesson === null || !/^[a-z]+$/.test(lesson)) return null;
  return (
    <p>
      <a href={link("learn", lesson)}>{messages.value.backToLesson}</a>
    </p>
  );
}

function Image({ image, inspection }: { image: ImageAt; inspection: ImageInspection }) {
  const text = messages.value;
  const requested = query.value.get("tab");
  const tab = tabs.find((known) => known === requested) ?? "layers";
  return (
    <>
      <Facts image={image} inspection={inspection} />
      <Tabs<TabName>
        label={text.image}
        tabs={tabs.map((id) => ({ id, title: text.tabs[id] }))}
        chosen={tab}
        onChoose={(id) => setQuery({ tab: id === "layers" ? undefined : id })}
      >
        {tab === "layers" && <LayersTab image={image} inspection={inspection} />}
        {tab === "map" && <MapTab image={image} />}
        {tab === "objects" && <ObjectsTab image={image} inspection={inspection} />}
        {tab === "config" && <ConfigTab inspection={inspection} />}
      </Tabs>
    </>
  );
}

function Facts({ image, inspection }: { image: ImageAt; inspection: ImageInspection }) {
  const text = messages.value;
  const { descriptor, manifests, platform, created, size, build } = inspection;
  const platforms = manifests.flatMap((manifest) =>
    manifest.attestation || manifest.platform === undefined ? [] : [manifest.platform],
  );
  return (
    <div class="image-facts">
      <dl>
        <dt>{text.digest}</dt>
        <dd class="image-digest">
          <code>{descriptor.digest}</code>
          <CopyButton text={descriptor.digest} />
        </dd>
        <dt title={text.sizeHint}>{text.size}</dt>
        <dd class="number">{formatBytes(size)}</dd>
        {created !== undefined && (
          <>
            <dt>{text.created}</dt>
            <dd class="number">
              {isRealDate(created) ? formatTime(created) : <span class="soft">{text.fixedDate}</span>}
            </dd>
          </>
        )}
        <dt>{text.pull}</dt>
        <dd>
          <CopyableCommand label={text.pull} command={dockerPullCommand(image)} />
        </dd>
      </dl>
      <ul class="image-links">
        <li>
          <a href={link("repositories", image.name)}>
            <Icon name="layers" />
            {text.repository}
          </a>
        </li>
        {platforms.length > 1 && (
          <li>
            <Choice
              label={text.platform}
              value={platform}
              options={platforms.map((value) => ({ value, text: value }))}
              onChoose={(value) => setQuery({ platform: value, layer: undefined, path: undefined })}
            />
          </li>
        )}
        <li>
          <DownloadLink href={imagePath(image, "/archive")} name={`${image.name.replaceAll("/", "-")}.tar`}>
            <Icon name="download" />
            {text.download}
          </DownloadLink>
        </li>
        {build !== undefined && (
          <li>
            <a href={link("builds", build)}>
              <Icon name="link" />
              {text.build}
            </a>
          </li>
        )}
      </ul>
    </div>
  );
}

function titleOf({ name, reference }: ImageAt): string {
  return reference.includes(":")
    ? `${name}@${reference.slice(0, "sha256:".length + 12)}`
    : `${name}:${reference}`;
}
