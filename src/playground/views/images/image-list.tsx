import "./images.css";
import { useSignal } from "@preact/signals";
import type { ImageSummary } from "../../../../schemas/images.ts";
import { formatBytes, formatTime } from "../../i18n/format.ts";
import { isRealDate } from "../../images/created.ts";
import { fetchImages } from "../../images/image-service.ts";
import { link, navigate } from "../../router.ts";
import { imageClient } from "../../service.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { Digest } from "../../ui/digest.tsx";
import { SearchField } from "../../ui/inputs.tsx";
import { Loaded, useLoad } from "../../ui/load.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { useTitle } from "../../ui/title.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** The list of images, with actions to open, compare and untag them. */
export default function ImageList() {
  const text = messages.value;
  useTitle(text.title);
  const loaded = useLoad("images", () => fetchImages());
  return (
    <div class="page">
      <div class="page-head">
        <h1>{text.title}</h1>
        <a href="#/storage">{text.storage}</a>
        {loaded.state === "loaded" && <Button onClick={loaded.reload}>{text.refresh}</Button>}
      </div>
      <Loaded data={loaded}>
        {(all) =>
          all.length === 0 ? (
            <p class="soft">{text.none}</p>
          ) : (
            <Images all={all} again={loaded.state === "loaded" ? loaded.reload : () => {}} />
          )
        }
      </Loaded>
    </div>
  );
}

function Images({ all, again }: { all: readonly ImageSummary[]; again(): void }) {
  const text = messages.value;
  const wanted = useSignal("");
  const first = useSignal<ImageSummary | undefined>(undefined);
  const fault = useSignal<unknown>(undefined);
  const shown = all.filter((image) => nameOf(image).toLowerCase().includes(wanted.value.toLowerCase()));
  // Without a real date, the column would be empty.
  const hasDates = shown.some(({ created }) => isRealDate(created));
  const remove = async (image: ImageSummary) => {
    if (image.tag === undefined || !confirm(text.untagQuestion(nameOf(image)))) return;
    try {
      await imageClient.remove({ name: image.name, reference: image.tag });
      announce(text.wasUntagged(nameOf(image)));
      again();
    } catch (error) {
      fault.value = error;
    }
  };
  const pick = (image: ImageSummary) => {
    const before = first.peek();
    if (before === undefined) first.value = image;
    else if (before === image) first.value = undefined;
    else navigate(link("compare", before.name, referenceOf(before), image.name, referenceOf(image)));
  };
  return (
    <>
      <div class="images-filter">
        <SearchField label={text.filter} text={wanted} />
      </div>
      {fault.value !== undefined && <ProblemNote error={fault.value} />}
      <table class="images-table">
        <thead>
          <tr>
            <th scope="col">{text.image}</th>
            <th scope="col">{text.digest}</th>
            <th scope="col" class="images-size" title={text.sizeHint}>
              {text.size}
            </th>
            {hasDates && <th scope="col">{text.created}</th>}
            <th scope="col">{text.platforms}</th>
            <th scope="col">
              <span class="visually-hidden">{text.compare}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((image) => (
            <tr key={`${nameOf(image)}@${image.digest}`}>
              <th scope="row">
                <a href={link("images", image.name, referenceOf(image))}>{escapeInvisible(nameOf(image))}</a>
              </th>
              <td>
                <Digest value={image.digest} />
              </td>
              <td class="images-size number">{formatBytes(image.size)}</td>
              {hasDates && (
                <td class="number">{isRealDate(image.created) ? formatTime(image.created) : ""}</td>
              )}
              <td>{image.platforms.map(escapeInvisible).join(", ")}</td>
              <td class="images-actions">
                <Button
                  kind="quiet"
                  icon="compare"
                  pressed={first.value === image}
                  label={
                    first.value === undefined || first.value === image
                      ? text.pickFirst(nameOf(image))
                      : text.pickSecond(nameOf(image))
                  }
                  onClick={() => pick(image)}
                />
                {image.tag !== undefined && (
                  <Button
                    kind="quiet"
                    icon="trash"
                    label={text.untag(nameOf(image))}
                    onClick={() => void remove(image)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function referenceOf({ tag, digest }: ImageSummary): string {
  return tag ?? digest;
}

function nameOf({ name, tag }: ImageSummary): string {
  return tag === undefined ? name : `${name}:${tag}`;
}
