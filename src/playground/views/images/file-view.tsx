import "./file-view.css";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { FileEntry } from "../../../../schemas/images.ts";
import { formatBytes, formatTime } from "../../i18n/format.ts";
import { countHexRows, detectContent, hexRow, MAX_SHOWN, modeText } from "../../images/file-display.ts";
import { contentPath, type ImageAt } from "../../images/image-service.ts";
import { setQuery } from "../../router.ts";
import { service } from "../../service.ts";
import { Button } from "../../ui/button.tsx";
import { Digest } from "../../ui/digest.tsx";
import { DownloadLink } from "../../ui/download-link.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** The attributes and the contents of an entry of an image. */
export function FileView({ image, entry }: { image: ImageAt; entry: FileEntry | undefined }) {
  const text = messages.value;
  const view = useRef<HTMLElement>(null);
  const opened = entry?.path;
  useEffect(() => {
    // In the one-column layout, the entry is below the list of files.
    if (opened !== undefined && matchMedia("(width < 60rem)").matches) view.current?.scrollIntoView();
  }, [opened]);
  if (entry === undefined) return <p class="file-none soft">{text.file.choose}</p>;
  const { path, type, change } = entry;
  const isReadable = (type === "file" || type === "hardlink") && change !== "removed";
  return (
    <section ref={view} class="card file-view" aria-label={text.file.open(escapeInvisible(path))}>
      <div class="file-head">
        <h2>{escapeInvisible(path)}</h2>
        {isReadable && (
          <DownloadLink href={contentPath(image, path)} name={path.slice(path.lastIndexOf("/") + 1)}>
            <Icon name="download" />
            {text.file.download}
          </DownloadLink>
        )}
        <Button
          kind="quiet"
          icon="close"
          label={text.file.close}
          onClick={() => setQuery({ path: undefined })}
        />
      </div>
      <Facts entry={entry} />
      {change === "removed" && <p class="file-note">{text.removedNote}</p>}
      {isReadable && <Contents key={path} image={image} entry={entry} />}
    </section>
  );
}

function Facts({ entry }: { entry: FileEntry }) {
  const text = messages.value.file;
  const { type, mode, uid, gid, size, mtime, linkname, digest, layer, device, xattrs } = entry;
  return (
    <dl class="file-facts">
      <dt>{text.mode}</dt>
      <dd>
        <code>{modeText(type, mode)}</code>
      </dd>
      <dt>{text.owner}</dt>
      <dd class="number">{`${uid}:${gid}`}</dd>
      <dt>{text.size}</dt>
      <dd class="number">{formatBytes(size)}</dd>
      <dt>{text.modified}</dt>
      <dd class="number">{formatTime(new Date(mtime * 1000).toISOString())}</dd>
      {linkname !== undefined && (
        <>
          <dt>{text.target}</dt>
          <dd>
            <code>{escapeInvisible(linkname)}</code>
          </dd>
        </>
      )}
      {device !== undefined && (
        <>
          <dt>{text.device}</dt>
          <dd class="number">{device.join(", ")}</dd>
        </>
      )}
      {digest !== undefined && (
        <>
          <dt>{text.digest}</dt>
          <dd>
            <Digest value={digest} />
          </dd>
        </>
      )}
      {layer !== undefined && (
        <>
          <dt>{text.layer}</dt>
          <dd class="number">{layer + 1}</dd>
        </>
      )}
      {xattrs !== undefined && (
        <>
          <dt>{text.xattrs}</dt>
          <dd>
            {Object.keys(xattrs).map((name) => (
              <code key={name}>{escapeInvisible(name)} </code>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

function Contents({ image, entry }: { image: ImageAt; entry: FileEntry }) {
  const { path } = entry;
  const loaded = useLoad(contentPath(image, path), () => firstBytes(image, entry));
  return <Loaded data={loaded}>{(bytes) => <Bytes entry={entry} bytes={bytes} />}</Loaded>;
}

function Bytes({ entry, bytes }: { entry: FileEntry; bytes: Uint8Array<ArrayBuffer> }) {
  const text = messages.value.file;
  const { path, size } = entry;
  const content = useMemo(() => detectContent(bytes, bytes.length < size), [bytes, size]);
  if (bytes.length === 0) return <p class="file-note soft">{text.empty}</p>;
  return (
    <>
      {bytes.length < size && (
        <p class="file-note soft">{text.cut(formatBytes(bytes.length), formatBytes(size))}</p>
      )}
      {content.kind === "text" && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it.
        <pre class="file-text" tabIndex={0}>
          {content.text}
        </pre>
      )}
      {content.kind === "image" && bytes.length === size && (
        <Picture bytes={bytes} type={content.type} name={escapeInvisible(path)} />
      )}
      {(content.kind === "bytes" || (content.kind === "image" && bytes.length < size)) && (
        <Hex bytes={bytes} />
      )}
    </>
  );
}

/** Shows an image from memory, because the server serves no file of an image with an image type. */
function Picture({ bytes, type, name }: { bytes: Uint8Array<ArrayBuffer>; type: string; name: string }) {
  const url = useMemo(() => URL.createObjectURL(new Blob([bytes], { type })), [bytes, type]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return <img class="file-picture" src={url} alt={messages.value.file.image(name)} />;
}

function Hex({ bytes }: { bytes: Uint8Array }) {
  return (
    <VirtualList
      count={countHexRows(bytes)}
      rowHeight={20}
      attributes={{ tabIndex: 0, role: "group", "aria-label": "hex" }}
      row={(index) => {
        const { offset, hex, text } = hexRow(bytes, index);
        return (
          <div key={index} class="file-hex">
            <span class="soft">{offset}</span> {hex} <span class="file-hex-text">{text}</span>
          </div>
        );
      }}
    />
  );
}

async function firstBytes(image: ImageAt, { path, size }: FileEntry): Promise<Uint8Array<ArrayBuffer>> {
  const headers = size > MAX_SHOWN ? { range: `bytes=0-${MAX_SHOWN - 1}` } : {};
  const answer = await service.request(contentPath(image, path), { headers });
  return new Uint8Array(await answer.arrayBuffer());
}
