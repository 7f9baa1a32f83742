import { defineConfig } from "vitest/config";

/** Real clients against a running server: they need programs of the machine, and time. */
export default defineConfig({
  test: {
    include: ["test/clients/**/*.node.test.ts"],
    // The clients share their daemons, and the machine.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
