import { MAX_INSTRUCTIONS } from "../../dockerfile/parse.ts";
import { MAX_LAYERS } from "../../oci/manifest.ts";

/** Limits for planning a Dockerfile. */
export const limits = {
  /** Characters of one text after expansion. */
  value: 1 << 20,
  /** Approximate bytes allocated while planning. */
  work: 64 << 20,
  /** FROM instructions; the longest real Dockerfiles have about a hundred. */
  stages: 1024,
  /** Steps of one build; real images have fewer than 130 layers each. */
  steps: 2048,
  /** Layers of an image, including its base. */
  layers: MAX_LAYERS,
  /** Different images that are resolved. */
  images: 256,
  /** Entries of an image's history; the same limit as for reading a base. */
  historyEntries: 10_000,
  /** Characters of an image's history. Registries reject configs of more than a few megabytes. */
  history: 4 << 20,
  /** ONBUILD triggers of one base. */
  triggers: 1024,
  /** Undefined variables that are reported. */
  findings: 1000,
  /** Instructions, including triggers. */
  instructions: MAX_INSTRUCTIONS,
  /** Steps of matching patterns in substitutions. */
  patternWork: 64_000_000,
  /** Findings that include a suggestion. */
  suggested: 100,
  /** Variables searched for a suggestion. */
  suggestions: 1000,
} as const;
