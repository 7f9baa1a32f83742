import fc from "fast-check";
import { inject } from "vitest";

const seed = inject("propertySeed");
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
