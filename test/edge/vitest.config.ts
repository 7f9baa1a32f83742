import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The Worker, clients and runners in a lab that enforces the limits of Cloudflare. Needs root, as a runner may.
export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/edge/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
