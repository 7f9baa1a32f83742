import { DEFAULT_LEVELS } from "../../layers/compress.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { RunMount, StepDefinition, TransferSource } from "../plan/step.ts";

/** Increase it when a change of varve changes the layers of equal definitions. */
const EXECUTOR_VERSION = 1;

/** Settings for writing layers. Part of every key, because they determine the bytes of layers. */
export interface LayerSettings {
  readonly compression: "gzip" | "zstd";
  /** Compression level. */
  readonly level: number;
  readonly timestamps: "preserve" | "fixed";
  /** SOURCE_DATE_EPOCH in seconds since 1970: the time of directories that WORKDIR creates. */
  readonly epoch: number | undefined;
}

/** Identities of what a step reads. */
interface StepInputs {
  /** Identity of the parent tree; empty when the step does not depend on it. */
  readonly parent: string;
  /** The digest of each source's selection, in order; for remote sources, the identity of their content. */
  readonly sources: readonly string[];
}

/**
 * The named parts of a step's definition, stored with the build so that the next one can report what changed. Equal
 * parts mean equal layers.
 */
export interface StepParts extends StepInputs {
  readonly executor: string;
  /** The instruction after expansion, without its inputs. */
  readonly instruction: string;
  readonly settings: string;
}

/** The parts of a definition with known inputs. */
export function stepParts(
  definition: StepDefinition,
  inputs: StepInputs,
  settings: LayerSettings,
): StepParts {
  const { compression, level, timestamps, epoch } = settings;
  const dependsOnEpoch = definition.kind === "workdir" && epoch !== undefined;
  return {
    executor: `${definition.kind}/${EXECUTOR_VERSION}`,
    instruction: JSON.stringify(withoutInputs(definition)),
    settings: `${compression}${level === DEFAULT_LEVELS[compression] ? "" : ` ${level}`} ${timestamps}${dependsOnEpoch ? ` ${epoch}` : ""}`,
    ...inputs,
  };
}

/** Whether the layer of a step was written with the `timestamps` of these settings. */
export function hasSameTimes(
  { settings }: Pick<StepParts, "settings">,
  { timestamps }: Pick<LayerSettings, "timestamps">,
): boolean {
  return settings.split(" ")[1] === timestamps;
}

/** The cache key of a step with these parts. */
export function stepKey({ executor, instruction, settings, parent, sources }: StepParts): string {
  return `step/${sha256Hex(JSON.stringify([executor, instruction, settings, parent, sources]))}`;
}

/** The definition without its inputs, which are part of the key by digest, regardless of their location. */
function withoutInputs(definition: StepDefinition): unknown {
  const { parent: _, ...rest } = definition;
  if (rest.kind === "run") {
    const hosts = rest.hosts?.map(({ name }) => name);
    return { ...rest, mounts: rest.mounts.map(withoutLocation), ...(hosts && { hosts }) };
  }
  if (rest.kind === "workdir") return rest;
  return { ...rest, sources: rest.sources.map(withoutLocation) };
}

function withoutLocation(source: TransferSource | RunMount): unknown {
  if ("userinfo" in source) {
    // The content identifies the source. Only builds with the credentials can fetch it.
    const { userinfo: _, ...rest } = source;
    return { ...rest, hasCredentials: true };
  }
  if (!("from" in source)) return source;
  const { from, ...rest } = source;
  // Only caches with initial contents have a digest among the sources.
  if ("type" in rest && rest.type === "cache")
    return from.kind === "scratch" ? rest : { ...rest, isFilled: true };
  if ("path" in rest) {
    const { path: __, ...kind } = rest;
    return kind;
  }
  return rest;
}
