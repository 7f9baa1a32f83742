import "./config-tab.css";
import type { ImageInspection } from "../../../../schemas/images.ts";
import { formatBytes, formatTime } from "../../i18n/format.ts";
import { isRealDate } from "../../images/created.ts";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { instructionOf } from "./layer-list.tsx";
import { messages } from "./messages.ts";

/** The config of an image and its history. */
export function ConfigTab({ inspection }: { inspection: ImageInspection }) {
  const text = messages.value.config;
  const { config, history } = inspection;
  const labels = Object.entries(config.Labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const rows: [name: string, values: readonly string[]][] = [
    [text.entrypoint, listOf(config.Entrypoint)],
    [text.cmd, listOf(config.Cmd)],
    [text.user, config.User ? [config.User] : []],
    [text.workdir, config.WorkingDir ? [config.WorkingDir] : []],
    [text.env, config.Env ?? []],
    [text.ports, Object.keys(config.ExposedPorts ?? {})],
    [text.volumes, Object.keys(config.Volumes ?? {})],
    [text.labels, labels],
    [text.stop, config.StopSignal ? [config.StopSignal] : []],
  ];
  return (
    <div class="config-tab">
      <section class="card" aria-label={text.starts}>
        <h2>{text.starts}</h2>
        <dl class="config-fields">
          {rows.map(([name, values]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {values.length === 0 ? (
                  <span class="soft">{text.nothing}</span>
                ) : (
                  values.map((value) => <code key={value}>{escapeInvisible(value)}</code>)
                )}
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="card" aria-label={text.history}>
        <h2>{text.history}</h2>
        <ol class="config-history">
          {history.map(({ createdBy = "", created, size, empty }, number) => (
            <li key={number}>
              <code>{escapeInvisible(instructionOf(createdBy))}</code>
              <span class="number soft">{empty ? messages.value.emptyLayer : formatBytes(size)}</span>
              <span class="number soft">{isRealDate(created) ? formatTime(created) : ""}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function listOf(words: readonly string[] | undefined): string[] {
  return words === undefined || words.length === 0 ? [] : [JSON.stringify(words)];
}
