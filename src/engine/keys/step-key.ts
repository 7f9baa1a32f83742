import { sha256 } from "../../streams/sha256.ts";
import { compressionLevels } from "../layer-format.ts";
import type { RunMount, StepDefinition, TransferSource } from "../plan/step.ts";

/** Grows when the same definition begins to give another layer. */
const executorVersion = 1;

/** How layers are written: part of every key, since it decides their bytes. */
export interface LayerSettings {
  readonly compression: "gzip" | "zstd";
  /** Of the compression. */
  readonly level: number;
  readonly timestamps: "preserve" | "fixed";
  /** SOURCE_DATE_EPOCH in seconds since 1970: the time of directories that WORKDIR makes. */
  readonly epoch: number | undefined;
}

/** Identities of what a step reads: of trees, and of the files selected by each source. */
export interface StepInputs {
  /** Of the tree the step is laid on; empty when it does not look at it. */
  readonly parent: string;
  /** Digest of what is selected, one for each source in order; the URL's or repository's content for remote ones. */
  readonly sources: readonly string[];
}

/**
 * The named parts of a step's definition: kept with the build so that the next one can say what differs. Equal
 * parts give an equal layer.
 */
export interface StepParts extends StepInputs {
  readonly executor: string;
  /** The instruction after expansion, without what it reads. */
  readonly instruction: string;
  readonly settings: string;
}

/** Parts of a definition whose inputs are known. */
export function stepParts(
  definition: StepDefinition,
  inputs: StepInputs,
  settings: LayerSettings,
): StepParts {
  const { compression, level, timestamps, epoch } = settings;
  const dependsOnEpoch = definition.kind === "workdir" && epoch !== undefined;
  return {
    executor: `${definition.kind}/${executorVersion}`,
    instruction: JSON.stringify(withoutInputs(definition)),
    settings: `${compression}${level === compressionLevels[compression] ? "" : ` ${level}`} ${timestamps}${dependsOnEpoch ? ` ${epoch}` : ""}`,
    ...inputs,
  };
}

/** Whether the layer of a step with these parts has times of the same kind. */
export function hasSameTimes(
  { settings }: Pick<StepParts, "settings">,
  { timestamps }: Pick<LayerSettings, "timestamps">,
): boolean {
  return settings.split(" ")[1] === timestamps;
}

/** Key under which the result of a step with these parts is known. */
export function stepKey({ executor, instruction, settings, parent, sources }: StepParts): string {
  return `step/${sha256(JSON.stringify([executor, instruction, settings, parent, sources])).slice("sha256:".length)}`;
}

/** What is read is told by its digests; of the places it was read from nothing matters. */
function withoutInputs(definition: StepDefinition): unknown {
  const { parent: _, ...rest } = definition;
  if (rest.kind === "run") {
    const hosts = rest.hosts?.map(({ name }) => name);
    return { ...rest, mounts: rest.mounts.map(withoutPlace), ...(hosts && { hosts }) };
  }
  if (rest.kind === "workdir") return rest;
  return { ...rest, sources: rest.sources.map(withoutPlace) };
}

function withoutPlace(source: TransferSource | RunMount): unknown {
  if ("userinfo" in source) {
    // The content identifies the source. Only builds that have credentials find it.
    const { userinfo: _, ...rest } = source;
    return { ...rest, hasCredentials: true };
  }
  if (!("from" in source)) return source;
  const { from: _, ...rest } = source;
  if ("path" in rest) {
    const { path: __, ...kind } = rest;
    return kind;
  }
  return rest;
}
