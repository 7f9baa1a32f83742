import { readPlatform } from "./descriptor-reader.ts";
import { isDigest } from "./digest.ts";
import { type FieldReader, readDocument } from "./document.ts";
import type { HistoryEntry } from "./history.ts";
import { writeJson } from "./json.ts";
import { MAX_LAYERS } from "./manifest.ts";
import type { Platform } from "./platform.ts";

/** The health check of a container. Durations are nanoseconds; 0 and absent mean the default. */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", command]`. */
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

/** The container settings of an image: image-spec's fields followed by Docker's own. */
export interface ContainerConfig {
  User?: string;
  /** Keys are `80/tcp`, values are empty. */
  ExposedPorts?: Record<string, Record<string, never>>;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  /** Keys are paths, values are empty. */
  Volumes?: Record<string, Record<string, never>>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  ArgsEscaped?: boolean;
  Healthcheck?: Healthcheck;
  OnBuild?: string[];
  Shell?: string[];
}

/** The config of an image (image-spec, config.md); its digest is the image ID. */
export interface ImageConfig extends Platform {
  /** RFC 3339. */
  created?: string;
  author?: string;
  config: ContainerConfig;
  rootfs: { type: "layers"; diff_ids: string[] };
  history: HistoryEntry[];
}

const MAX_HISTORY = 10_000;

/**
 * Reads a foreign config. Drops fields that are not in `ImageConfig`, like BuildKit for a base image.
 * @throws {InvalidDocumentError}
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = readDocument("image config", bytes);
  const { os, architecture, ...rest } = readPlatform(document);
  const created = document.optionalString("created");
  const author = document.optionalString("author");
  return {
    os,
    architecture,
    ...rest,
    ...(created && { created }),
    ...(author && { author }),
    config: document.optional("config", readContainerConfig) ?? {},
    rootfs: document.optional("rootfs", readRootfs) ?? { type: "layers", diff_ids: [] },
    history: document.list("history", MAX_HISTORY, readHistoryEntry),
  };
}

/**
 * The config as BuildKit writes it: top-level fields in alphabetical order, `config` in the order of Docker's
 * structure, without empty values except `created`, which is null.
 */
export function encodeImageConfig(image: ImageConfig): Uint8Array {
  return writeJson({
    architecture: image.architecture,
    author: omitEmpty(image.author),
    config: orderContainerConfig(image.config),
    created: omitEmpty(image.created) ?? null,
    history: image.history.map(orderHistoryEntry),
    os: image.os,
    "os.features": omitEmpty(image["os.features"]),
    "os.version": omitEmpty(image["os.version"]),
    rootfs: { type: "layers", diff_ids: image.rootfs.diff_ids },
    variant: omitEmpty(image.variant),
  });
}

function orderContainerConfig(config: ContainerConfig): Record<string, unknown> {
  return {
    User: omitEmpty(config.User),
    ExposedPorts: map(config.ExposedPorts),
    Env: omitEmpty(config.Env),
    Entrypoint: omitEmpty(config.Entrypoint),
    Cmd: omitEmpty(config.Cmd),
    Volumes: map(config.Volumes),
    WorkingDir: omitEmpty(config.WorkingDir),
    Labels: map(config.Labels),
    StopSignal: omitEmpty(config.StopSignal),
    ArgsEscaped: omitEmpty(config.ArgsEscaped),
    Healthcheck: config.Healthcheck && orderHealthcheck(config.Healthcheck),
    OnBuild: omitEmpty(config.OnBuild),
    Shell: omitEmpty(config.Shell),
  };
}

function orderHealthcheck(check: Healthcheck): Record<string, unknown> {
  return {
    Test: omitEmpty(check.Test),
    Interval: omitEmpty(check.Interval),
    Timeout: omitEmpty(check.Timeout),
    StartPeriod: omitEmpty(check.StartPeriod),
    StartInterval: omitEmpty(check.StartInterval),
    Retries: omitEmpty(check.Retries),
  };
}

function orderHistoryEntry(entry: HistoryEntry): Record<string, unknown> {
  return {
    created: omitEmpty(entry.created),
    created_by: omitEmpty(entry.created_by),
    author: omitEmpty(entry.author),
    comment: omitEmpty(entry.comment),
    empty_layer: omitEmpty(entry.empty_layer),
  };
}

/** The value, or undefined for one that Go's `omitempty` omits. */
function omitEmpty<T extends string | number | boolean | readonly unknown[]>(
  value: T | undefined,
): T | undefined {
  return !value || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

function map<T>(values: Record<string, T> | undefined): Map<string, T> | undefined {
  const entries = Object.entries(values ?? {});
  return entries.length === 0 ? undefined : new Map(entries);
}

function readContainerConfig(fields: FieldReader): ContainerConfig {
  return omitUndefined({
    User: fields.optionalString("User"),
    ExposedPorts: readSet(fields, "ExposedPorts"),
    Env: fields.strings("Env"),
    Entrypoint: fields.strings("Entrypoint"),
    Cmd: fields.strings("Cmd"),
    Volumes: readSet(fields, "Volumes"),
    WorkingDir: fields.optionalString("WorkingDir"),
    Labels: fields.stringMap("Labels"),
    StopSignal: fields.optionalString("StopSignal"),
    ArgsEscaped: fields.optionalBoolean("ArgsEscaped"),
    Healthcheck: fields.optional("Healthcheck", readHealthcheck),
    OnBuild: fields.strings("OnBuild"),
    Shell: fields.strings("Shell"),
  });
}

function readHealthcheck(fields: FieldReader): Healthcheck {
  return omitUndefined({
    Test: fields.strings("Test"),
    Interval: fields.optionalInteger("Interval"),
    Timeout: fields.optionalInteger("Timeout"),
    StartPeriod: fields.optionalInteger("StartPeriod"),
    StartInterval: fields.optionalInteger("StartInterval"),
    Retries: fields.optionalInteger("Retries"),
  });
}

function readRootfs(fields: FieldReader): ImageConfig["rootfs"] {
  const diffIds = fields.strings("diff_ids") ?? [];
  if (diffIds.length > MAX_LAYERS) throw fields.error("diff_ids", `more than ${MAX_LAYERS} layers`);
  const wrong = diffIds.findIndex((diffId) => !isDigest(diffId));
  if (wrong !== -1) throw fields.error(`diff_ids[${wrong}]`, "not a SHA-256 or SHA-512 digest");
  return { type: "layers", diff_ids: diffIds };
}

function readHistoryEntry(fields: FieldReader): HistoryEntry {
  return omitUndefined({
    created: fields.optionalString("created"),
    created_by: fields.optionalString("created_by"),
    author: fields.optionalString("author"),
    comment: fields.optionalString("comment"),
    empty_layer: fields.optionalBoolean("empty_layer"),
  });
}

function readSet(fields: FieldReader, field: string): Record<string, Record<string, never>> | undefined {
  const keys = fields.keys(field);
  return keys && Object.fromEntries(keys.map((key) => [key, {}]));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields with a value. */
function omitUndefined<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
