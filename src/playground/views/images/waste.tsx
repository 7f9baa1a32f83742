import type { Efficiency } from "../../../../schemas/images.ts";
import { formatBytes, formatPercent } from "../../i18n/format.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** Maximum number of files that are shown. */
const MAX_FILES = 50;

/** The files that are in more than one layer. Counts like dive. */
export function Waste({ efficiency }: { efficiency: Efficiency }) {
  const text = messages.value.waste;
  const { score, wastedBytes, userWastedPercent, files } = efficiency;
  return (
    <section class="card waste" aria-label={text.title}>
      <h2>{text.title}</h2>
      <dl>
        <dt title={text.scoreHint}>{text.score}</dt>
        <dd class="number">{formatPercent(score)}</dd>
        <dt>{text.bytes}</dt>
        <dd class="number">{formatBytes(wastedBytes)}</dd>
        <dt title={text.userHint}>{text.user}</dt>
        <dd class="number">{formatPercent(userWastedPercent)}</dd>
      </dl>
      {files.length === 0 ? (
        <p class="soft">{text.none}</p>
      ) : (
        <ul class="waste-files">
          {files.slice(0, MAX_FILES).map(({ path, count, bytes }) => (
            <li key={path}>
              <code class="waste-path">{escapeInvisible(path)}</code>
              <span class="soft">{text.count(count)}</span>
              <span class="number">{formatBytes(bytes)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
