import type { Efficiency, ImageInspection } from "../../../../schemas/images.ts";
import { formatBytes } from "../../i18n/format.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

interface LayerListProps {
  inspection: ImageInspection;
  measured: Efficiency["layers"] | undefined;
  /** Index of the selected layer; undefined for the merged layers. */
  chosen: number | undefined;
  onChoose(layer: number | undefined): void;
}

/** The layers with three sizes: stored bytes, change of the merged tree, and total of the merged tree. */
export function LayerList({ inspection, measured, chosen, onChoose }: LayerListProps) {
  const text = messages.value;
  return (
    <section class="card layer-list" aria-label={text.layers}>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.layers}</th>
            <th scope="col" title={text.storedHint}>
              {text.stored}
            </th>
            <th scope="col" title={text.contributionHint}>
              {text.contribution}
            </th>
            <th scope="col" title={text.totalHint}>
              {text.total}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr class={chosen === undefined ? "layer-chosen" : ""}>
            <th scope="row" colSpan={4}>
              <button type="button" aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>
                {text.allLayers}
              </button>
            </th>
          </tr>
          {inspection.layers.map(({ index, size, createdBy, digest }) => {
            const sizes = measured?.[index];
            return (
              <tr key={index} class={chosen === index ? "layer-chosen" : ""}>
                <th scope="row">
                  <button
                    type="button"
                    aria-pressed={chosen === index}
                    title={createdBy ?? digest}
                    onClick={() => onChoose(index)}
                  >
                    <span class="layer-number number">{index + 1}</span>
                    <code class="layer-instruction">
                      {escapeInvisible(instructionOf(createdBy ?? digest))}
                    </code>
                  </button>
                </th>
                <td class="number">{formatBytes(size)}</td>
                <td class="number">{sizes && formatChange(sizes.contribution)}</td>
                <td class="number">{sizes && formatBytes(sizes.total)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function formatChange(bytes: number): string {
  return bytes < 0 ? `−${formatBytes(-bytes)}` : `+${formatBytes(bytes)}`;
}

/** Removes the text that builders add to an instruction. */
export function instructionOf(createdBy: string): string {
  return createdBy
    .replace(/^\/bin\/sh -c #\(nop\) +/, "")
    .replace(/ # buildkit$/, "")
    .replace(/^RUN \/bin\/sh -c /, "RUN ");
}
