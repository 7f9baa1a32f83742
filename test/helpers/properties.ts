/**
 * Options of vitest that give property tests their seed. It is the same in each run, so a run can be repeated and a
 * change fails for what it changed. `VARVE_PROPERTY_SEED` sets another one; `random` is a new one for each property.
 */
const { VARVE_PROPERTY_SEED: seed = "1" } = process.env;

export const properties = {
  setupFiles: ["test/helpers/property-seed.ts"],
  provide: { propertySeed: seed === "random" ? undefined : Number(seed) },
};
