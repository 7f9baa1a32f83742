import type { Healthcheck, ImageConfig } from "../../oci/config.ts";
import type { Platform } from "../../oci/platform.ts";
import { EnvironmentList } from "./environment-list.ts";
import { History } from "./history.ts";

/** The part of a config that says how to run the image, while it is being built. */
export interface DraftSettings {
  user: string;
  workingDir: string;
  env: EnvironmentList;
  entrypoint: readonly string[];
  cmd: readonly string[];
  /** Written by CMD; it means nothing any more, but BuildKit writes it. */
  argsEscaped: boolean;
  exposedPorts: Set<string>;
  volumes: Set<string>;
  labels: Map<string, string>;
  stopSignal: string;
  healthcheck: Healthcheck | undefined;
  readonly onBuild: string[];
  shell: readonly string[];
}

/** The config of an image while it is being built. Base fields that BuildKit does not know are not in it. */
export interface ImageDraft {
  platform: Platform;
  author: string;
  settings: DraftSettings;
  history: History;
}

/** Where programs are looked for when an image does not say. */
export const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The config that `FROM scratch` starts with. */
export function emptyDraft(platform: Platform): ImageDraft {
  const draft = draftOf({ ...platform, config: {}, rootfs: { type: "layers", diff_ids: [] }, history: [] });
  draft.settings.workingDir = "/";
  if (platform.os !== "windows") draft.settings.env.set("PATH", defaultPath);
  return draft;
}

/** The config that an image starts with which is built on this one. */
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

/** The platform that a config names. */
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

/** How many entries a copy of a draft has. */
export function sizeOf({ settings, history }: ImageDraft): number {
  const { env, exposedPorts, volumes, labels } = settings;
  return history.entries.length + env.entries().length + exposedPorts.size + volumes.size + labels.size;
}

/** A draft of its own for a stage built on another; triggers are not handed down. */
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
