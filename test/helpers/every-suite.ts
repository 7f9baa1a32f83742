// For the type of what is provided.
import type {} from "./property-seed.ts";

/**
 * Property tests have the same seed in each run, so that failures are repeatable and caused by the change.
 * `VARVE_PROPERTY_SEED` sets another seed; `random` is a new one for each property.
 */
const { VARVE_PROPERTY_SEED: seed = "1" } = process.env;

declare module "vitest" {
  interface ProvidedContext {
    /** Undefined for another seed in each run. */
    propertySeed: number | undefined;
  }
}

/** Options of vitest for each suite. */
export const everySuite = {
  setupFiles: ["test/helpers/property-seed.ts"],
  provide: { propertySeed: seed === "random" ? undefined : Number(seed) },
  // Small machines are slow while they run several suites.
  expect: { poll: { timeout: 20_000 } },
};
