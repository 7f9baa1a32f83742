import fc from "fast-check";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Undefined: another one in each run. */
    propertySeed: number | undefined;
  }
}

const seed = inject("propertySeed");
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
