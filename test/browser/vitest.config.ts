import "../helpers/compile-cache.ts";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { everySuite } from "../helpers/every-suite.ts";

// The playground in a real Chromium, against a real server with a real runner.
export default defineConfig({
  test: {
    ...everySuite,
    root: join(import.meta.dirname, "../.."),
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/browser/start-server.ts"],
    // One file waits while the other one computes. The files share the server and nothing that it stores.
    maxWorkers: 2,
    // One browser for all files of a worker.
    isolate: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
