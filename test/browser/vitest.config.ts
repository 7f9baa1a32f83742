import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The playground in a real Chromium, against a real server with a real runner.
export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/browser/start-server.ts"],
    fileParallelism: false,
    isolate: false,
    // Small machines are busy with several things at once.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
