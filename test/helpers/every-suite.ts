import "vitest";

// Each program that has a configuration checks the types of what it provides.
declare module "vitest" {
  interface ProvidedContext {
    /** Undefined: another one in each run. */
    propertySeed: number | undefined;
  }
}

/**
 * Property tests have the same seed in each run, so a run can be repeated and a change fails for what it changed.
 * `VARVE_PROPERTY_SEED` sets another one; `random` is a new one for each property.
 */
const { VARVE_PROPERTY_SEED: seed = "1" } = process.env;

/** Options of vitest for each suite. */
export const everySuite = {
  setupFiles: ["test/helpers/property-seed.ts"],
  provide: { propertySeed: seed === "random" ? undefined : Number(seed) },
  // Small machines are busy with several things at once.
  expect: { poll: { timeout: 20_000 } },
};
