import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Suites that also run against a local server, unchanged, in the lab: `npm run edge:suites`.
export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/clients/{skopeo,http}.test.ts"],
    // The seed of the faults.
    env: { VARVE_TEST_LAB: process.env.VARVE_TEST_LAB ?? "1" },
    fileParallelism: false,
    // Rejected operations of the storage are repeated after pauses.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
