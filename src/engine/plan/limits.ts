import { maximumInstructions } from "../../dockerfile/parse.ts";
import { MAX_LAYERS } from "../../oci/manifest.ts";

/** Bounds of what a Dockerfile may ask for. */
export const limits = {
  /** Characters of one text after expansion. */
  value: 1 << 20,
  /** Bytes, roughly, of all that is made while planning. */
  work: 64 << 20,
  /** FROM instructions; the longest real Dockerfiles have about a hundred. */
  stages: 1024,
  /** Steps of one build; real images have below 130 layers each. */
  steps: 2048,
  /** Layers of an image, those of its base included. */
  layers: MAX_LAYERS,
  /** Different images that are asked for. */
  images: 256,
  /** Entries of an image's history: as many as are read of a base. */
  historyEntries: 10_000,
  /** Characters of an image's history. Registries refuse configs beyond a few megabytes. */
  history: 4 << 20,
  /** ONBUILD triggers of one base. */
  triggers: 1024,
  /** Undefined variables that are reported. */
  findings: 1000,
  /** Instructions, those of triggers included. */
  instructions: maximumInstructions,
  /** Steps of matching patterns in substitutions. */
  patternWork: 64_000_000,
  /** Findings that say what may be meant. */
  suggested: 100,
  /** Variables among which the likely meaning of a misspelt one is looked for. */
  suggestions: 1000,
} as const;
