import type { ContainerConfig, ImageConfig } from "../../oci/config.ts";
import type { PlannedConfig, PlannedResult } from "./build-plan.ts";
import type { DraftSettings, ImageDraft } from "./image-draft.ts";

/** Default time of what a build creates: zip tools reject earlier ones. */
const fixedTime = "1980-01-01T00:00:00Z";

/** A finished draft as plain data. */
export function plannedConfig({ platform, author, settings, history }: ImageDraft): PlannedConfig {
  return { platform, author, config: containerConfig(settings), history: history.entries };
}

/**
 * The config of the image that a plan describes.
 *
 * @param diffIds of all layers, those of the base first.
 * @param created time of what this build created, RFC 3339; history entries of the base keep theirs.
 */
export function imageConfig(
  { image }: PlannedResult,
  diffIds: readonly string[],
  created: string = fixedTime,
): ImageConfig {
  const history = image.history.map((entry) => (entry.created ? entry : { ...entry, created }));
  return {
    ...image.platform,
    ...(image.author && { author: image.author }),
    config: image.config,
    created: history.at(-1)?.created ?? created,
    history,
    rootfs: { type: "layers", diff_ids: [...diffIds] },
  };
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
