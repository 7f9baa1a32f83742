import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The playground in a real Chromium, against a real server with a real runner.
export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/browser/start-server.ts"],
    // One file waits while the other one computes. The files share the server and nothing that it stores.
    maxWorkers: 2,
    // One browser for all files of a worker.
    isolate: false,
    // Small machines are busy with several things at once.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
