import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { everySuite } from "../helpers/every-suite.ts";

// The Worker, clients and runners in a lab that enforces the limits of Cloudflare. Needs root, as a runner may.
export default defineConfig({
  test: {
    ...everySuite,
    root: join(import.meta.dirname, "../.."),
    include: ["test/edge/**/*.test.ts"],
    // One file waits while another one computes. Each has a separate lab.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
