import type { ContainerConfig, ImageConfig } from "../../oci/config.ts";
import type { HistoryEntry } from "../../oci/history.ts";
import type { PlannedConfig, PlannedResult } from "./build-plan.ts";
import type { DraftSettings, ImageDraft } from "./image-draft.ts";

/** Converts a finished draft to plain data. */
export function plannedConfig({ platform, author, settings, history }: ImageDraft): PlannedConfig {
  return { platform, author, config: containerConfig(settings), history: history.entries };
}

/** The fields of a layer that the config of an image contains. */
interface ConfiguredLayer {
  /** Digest of the uncompressed layer. */
  readonly diffId: string;
  /** When the layer was created, RFC 3339; undefined for layers of the base. */
  readonly created?: string;
}

/**
 * The image config for a plan.
 * @param layers all layers, base layers first.
 * @param created one time for all layers of this build, RFC 3339; by default each layer has its own. History entries of the
 * base keep theirs.
 */
export function imageConfig(
  { image }: PlannedResult,
  layers: readonly ConfiguredLayer[],
  created?: string,
): ImageConfig {
  const history = dateHistory(image.history, layers, created);
  const last = history.findLast((entry) => entry.created)?.created ?? created;
  return {
    ...image.platform,
    ...(image.author && { author: image.author }),
    config: image.config,
    ...(last !== undefined && { created: last }),
    history,
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  };
}

/**
 * Adds times to the history as BuildKit does (exporter/containerimage/writer.go, `normalizeLayersAndHistory`): a layer
 * has its own time; an entry without a layer has the time of the entry before it, or of the first layer of this build.
 */
function dateHistory(
  entries: readonly HistoryEntry[],
  layers: readonly ConfiguredLayer[],
  created: string | undefined,
): HistoryEntry[] {
  let layer = 0;
  const dated = entries.map((entry): HistoryEntry => {
    const own = entry.empty_layer ? undefined : layers[layer++]?.created;
    const time = entry.created || created || own;
    return time ? { ...entry, created: time } : entry;
  });
  const undated = dated.findIndex((entry) => !entry.created);
  if (undated < 0) return dated;
  const after = dated.slice(undated).find((entry) => entry.created);
  let last = (after ?? dated.findLast((entry) => entry.created))?.created;
  return dated.map((entry, index) => {
    if (entry.created && index > undated) last = entry.created;
    return entry.created || last === undefined ? entry : { ...entry, created: last };
  });
}

function containerConfig(settings: DraftSettings): ContainerConfig {
  return {
    User: settings.user,
    ExposedPorts: objectOf(settings.exposedPorts),
    Env: [...settings.env.entries()],
    Entrypoint: [...settings.entrypoint],
    Cmd: [...settings.cmd],
    Volumes: objectOf(settings.volumes),
    WorkingDir: settings.workingDir,
    Labels: Object.fromEntries(settings.labels),
    StopSignal: settings.stopSignal,
    ArgsEscaped: settings.argsEscaped,
    ...(settings.healthcheck !== undefined && { Healthcheck: settings.healthcheck }),
    OnBuild: [...settings.onBuild],
    Shell: [...settings.shell],
  };
}

function objectOf(names: ReadonlySet<string>): Record<string, Record<string, never>> {
  return Object.fromEntries([...names].map((name) => [name, {}]));
}
