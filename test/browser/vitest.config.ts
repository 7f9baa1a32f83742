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
    // One file computes while the other one waits. The files share the server, but no stored objects.
    maxWorkers: 2,
    // One browser for all files of a process.
    isolate: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
