import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { everySuite } from "../helpers/every-suite.ts";

// Attacks on a running `npm start`, as another program of the machine, a page in a browser or a client could make them.
export default defineConfig({
  test: {
    ...everySuite,
    root: join(import.meta.dirname, "../.."),
    include: ["test/attack/**/*.test.ts"],
    // Attacks are measured in time, and some fill a disk or kill servers.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
