import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { everySuite } from "../helpers/every-suite.ts";

/** Files that measure the time of responses, so no other file runs beside them. */
const measured = ["freezing", "slow-clients"].map((name) => `test/attack/${name}.test.ts`);

const attacks = {
  ...everySuite,
  root: join(import.meta.dirname, "../.."),
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

// Attacks on a running `npm start`, as another program of the machine, a page in a browser or a client could make them.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...attacks,
          name: "attack",
          include: ["test/attack/**/*.test.ts"],
          exclude: measured,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...attacks,
          name: "measured",
          include: measured,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
