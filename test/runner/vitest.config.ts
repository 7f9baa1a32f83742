import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { everySuite } from "../helpers/every-suite.ts";

// These tests execute steps, which needs root, overlayfs and a container runtime: see .ci/run.
export default defineConfig({
  test: {
    ...everySuite,
    root: join(import.meta.dirname, "../.."),
    include: ["test/runner/**/*.test.ts"],
    // One file waits for its steps while another one computes.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
