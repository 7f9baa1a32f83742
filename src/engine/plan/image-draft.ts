import type { Healthcheck, ImageConfig } from "../../oci/config.ts";
import type { Platform } from "../../oci/platform.ts";
import { EnvironmentList } from "./environment-list.ts";
import { History } from "./history.ts";

/** The runtime settings of an image during planning. */
export interface DraftSettings {
  user: string;
  workingDir: string;
  env: EnvironmentList;
  entrypoint: readonly string[];
  cmd: readonly string[];
  /** Set by CMD. Obsolete, but BuildKit writes it. */
  argsEscaped: boolean;
  exposedPorts: Set<string>;
  volumes: Set<string>;
  labels: Map<string, string>;
  stopSignal: string;
  healthcheck: Healthcheck | undefined;
  readonly onBuild: string[];
  shell: readonly string[];
}

/** The config of an image during planning, without the base fields that BuildKit drops. */
export interface ImageDraft {
  platform: Platform;
  author: string;
  settings: DraftSettings;
  history: History;
}

/** The PATH of an image that sets none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The initial config for `FROM scratch`. */
export function emptyDraft(platform: Platform): ImageDraft {
  const draft = draftOf({ ...platform, config: {}, rootfs: { type: "layers", diff_ids: [] }, history: [] });
  draft.settings.workingDir = "/";
  if (platform.os !== "windows") draft.settings.env.set("PATH", DEFAULT_PATH);
  return draft;
}

/** The initial config for an image built on this base. */
export function draftOf(base: ImageConfig): ImageDraft {
  const settings = base.config;
  return {
    platform: platformOf(base),
    author: base.author ?? "",
    settings: {
      user: settings.User ?? "",
      workingDir: settings.WorkingDir ?? "",
      env: new EnvironmentList(settings.Env ?? []),
      entrypoint: settings.Entrypoint ?? [],
      cmd: settings.Cmd ?? [],
      argsEscaped: settings.ArgsEscaped ?? false,
      exposedPorts: new Set(Object.keys(settings.ExposedPorts ?? {})),
      volumes: new Set(Object.keys(settings.Volumes ?? {})),
      labels: new Map(Object.entries(settings.Labels ?? {})),
      stopSignal: settings.StopSignal ?? "",
      healthcheck: settings.Healthcheck,
      onBuild: [...(settings.OnBuild ?? [])],
      shell: settings.Shell ?? [],
    },
    history: History.ofBase(base.history, base.rootfs.diff_ids.length),
  };
}

export function platformOf(config: ImageConfig): Platform {
  const { os, architecture, variant, "os.version": version, "os.features": features } = config;
  return {
    os,
    architecture,
    ...(variant && { variant }),
    ...(version && { "os.version": version }),
    ...(features && { "os.features": features }),
  };
}

/** The number of entries that a copy of a draft has. */
export function sizeOf({ settings, history }: ImageDraft): number {
  const { env, exposedPorts, volumes, labels } = settings;
  return history.entries.length + env.entries().length + exposedPorts.size + volumes.size + labels.size;
}

/** Copies a draft for a stage built on another one, without the triggers. */
export function inherit(draft: ImageDraft): ImageDraft {
  const { settings } = draft;
  return {
    platform: draft.platform,
    author: draft.author,
    settings: {
      ...settings,
      env: settings.env.copy(),
      exposedPorts: new Set(settings.exposedPorts),
      volumes: new Set(settings.volumes),
      labels: new Map(settings.labels),
      onBuild: [],
    },
    history: draft.history.copy(),
  };
}
