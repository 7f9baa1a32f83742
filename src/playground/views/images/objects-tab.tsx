import "./objects-tab.css";
import type { ImageInspection } from "../../../../schemas/images.ts";
import { formatBytes } from "../../i18n/format.ts";
import { fetchDocument, type ImageAt, registryPath } from "../../images/image-service.ts";
import { query, setQuery } from "../../router.ts";
import { CopyableCommand, Digest } from "../../ui/digest.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

interface ObjectAt {
  kind: "index" | "manifest" | "config" | "layer";
  mediaType: string;
  digest: string;
  size: number;
  note?: string | undefined;
}

/**
 * The index, manifests, config and layers of an image. Each is shown as stored, with the command that fetches it.
 */
export function ObjectsTab({ image, inspection }: { image: ImageAt; inspection: ImageInspection }) {
  const text = messages.value.objects;
  const rows = rowsOf(inspection, text.attestation);
  const all = rows.flat();
  const wanted = query.value.get("object");
  const chosen = all.find(({ digest }) => digest === wanted) ?? all[0];
  return (
    <section class="objects-tab" aria-label={text.title}>
      <p class="soft">{text.hint}</p>
      <div class="objects">
        {rows.map((floor, number) => (
          <div key={floor[0]?.digest} class="objects-floor">
            {number > 0 && <Icon name="down" />}
            <ul>
              {floor.map((object) => (
                <li key={object.digest}>
                  <button
                    type="button"
                    class={`object object-${object.kind}`}
                    aria-pressed={object === chosen}
                    onClick={() => setQuery({ object: object.digest })}
                  >
                    <span class="object-kind">{text[object.kind]}</span>
                    {object.note !== undefined && (
                      <span class="object-note">{escapeInvisible(object.note)}</span>
                    )}
                    <Digest value={object.digest} />
                    <span class="number soft">{formatBytes(object.size)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      {chosen !== undefined && (
        <StoredObject key={chosen.digest} image={image} object={chosen} known={new Set(all.map(digestOf))} />
      )}
    </section>
  );
}

interface StoredObjectProps {
  image: ImageAt;
  object: ObjectAt;
  /** Digests of the objects on this page. */
  known: ReadonlySet<string>;
}

function StoredObject({ image, object, known }: StoredObjectProps) {
  const text = messages.value.objects;
  const { kind, mediaType, digest } = object;
  const folder = kind === "index" || kind === "manifest" ? "manifests" : "blobs";
  const url = location.origin + registryPath(image.name, `${folder}/${digest}`);
  const accept = folder === "manifests" ? ` -H 'Accept: ${mediaType}'` : "";
  return (
    <section class="card object-stored" aria-label={text.raw}>
      <h2>{text.raw}</h2>
      <dl>
        <dt>mediaType</dt>
        <dd>
          <code>{mediaType}</code>
        </dd>
        <dt>digest</dt>
        <dd>
          <code>{digest}</code>
        </dd>
        <dt>{text.fetchIt}</dt>
        <dd>
          <CopyableCommand label={text.fetchIt} command={`curl -sSL${accept} '${url}'`} />
        </dd>
      </dl>
      {kind === "layer" ? (
        <p class="object-words soft">{text.noText}</p>
      ) : (
        <Text name={image.name} folder={folder} digest={digest} known={known} />
      )}
    </section>
  );
}

interface TextProps {
  name: string;
  folder: "manifests" | "blobs";
  digest: string;
  known: ReadonlySet<string>;
}

function Text({ name, folder, digest, known }: TextProps) {
  const loaded = useLoad(digest, () => fetchDocument(name, folder, digest));
  return (
    <Loaded data={loaded}>
      {(json) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it.
        <pre class="object-text" tabIndex={0}>
          {linkDigests(indentJson(json), known)}
        </pre>
      )}
    </Loaded>
  );
}

/** Turns digests of objects on this page into links. */
function linkDigests(text: string, known: ReadonlySet<string>) {
  return text.split(/("sha(?:256|512):[0-9a-f]+")/).map((part, number) => {
    const digest = part.slice(1, -1);
    if (number % 2 === 0 || !known.has(digest)) return part;
    return (
      <button
        key={`${number}`}
        type="button"
        class="object-link"
        onClick={() => setQuery({ object: digest })}
      >
        {part}
      </button>
    );
  });
}

function indentJson(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}

function rowsOf(inspection: ImageInspection, attestation: string): ObjectAt[][] {
  const { descriptor, manifests, manifest, imageId, layers, tags } = inspection;
  const isIndex = descriptor.digest !== manifest.digest;
  const note = tags.join(", ");
  const rows: ObjectAt[][] = [];
  if (isIndex) rows.push([{ kind: "index", ...descriptor, note }]);
  rows.push(
    isIndex
      ? manifests.map(({ platform, attestation: isAttestation, ...one }) => ({
          kind: "manifest" as const,
          ...one,
          note: isAttestation ? attestation : platform,
        }))
      : [{ kind: "manifest", ...manifest, note }],
  );
  rows.push([
    {
      kind: "config",
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: imageId,
      size: configSize(inspection),
      note: inspection.platform,
    },
    ...layers.map(({ mediaType, digest, size, index }) => ({
      kind: "layer" as const,
      mediaType,
      digest,
      size,
      note: String(index + 1),
    })),
  ]);
  return rows;
}

/** Computes the size of the config from the sizes of the image, its manifest and its layers. */
function configSize({ size, manifest, layers }: ImageInspection): number {
  const sizes = new Map(layers.map((layer) => [layer.digest, layer.size]));
  return [...sizes.values()].reduce((left, bytes) => left - bytes, size - manifest.size);
}

function digestOf({ digest }: ObjectAt): string {
  return digest;
}
