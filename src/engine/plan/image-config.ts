import type { ContainerConfig, ImageConfig } from "../../oci/config.ts";
import type { PlannedResult } from "./build-plan.ts";
import type { DraftSettings } from "./image-draft.ts";

/** The time of what nobody gave a time: zip tools fail on earlier ones. */
const fixedTime = "1980-01-01T00:00:00Z";

/**
 * The config of the image that a plan describes.
 *
 * @param diffIds of all layers, those of the base first.
 * @param created time of what was built here, RFC 3339; entries that the base brought keep theirs.
 */
export function imageConfig(
  { image }: PlannedResult,
  diffIds: readonly string[],
  created: string = fixedTime,
): ImageConfig {
  const history = image.history.entries.map((entry) => (entry.created ? entry : { ...entry, created }));
  return {
    ...image.platform,
    ...(image.author && { author: image.author }),
    config: containerConfig(image.settings),
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
