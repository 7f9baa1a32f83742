import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Of the faults. */
const seed = process.env.VARVE_TEST_LAB ?? "1";
const root = join(import.meta.dirname, "../..");
const timeouts = { testTimeout: 300_000, hookTimeout: 300_000 };

/** The Worker of the lab in the place of the Worker: tests call it in its isolate. */
const strictWorker = cloudflareTest({
  main: join(import.meta.dirname, "lab-worker.ts"),
  wrangler: { configPath: join(root, "wrangler.toml") },
  miniflare: {
    bindings: { VARVE_FRONT_SECRET: "of-the-tests", EDGE_LIMITS: JSON.stringify({ seed: Number(seed) }) },
  },
});

// Suites that also run against a local server, unchanged, in the lab: `npm run edge:suites`.
export default defineConfig({
  root,
  test: {
    fileParallelism: false,
    projects: [
      {
        plugins: [strictWorker],
        test: {
          name: "worker in the lab",
          include: ["builds", "contexts", "registry", "images", "events"].map(
            (name) => `test/worker/${name}.test.ts`,
          ),
          ...timeouts,
        },
      },
      {
        test: {
          name: "clients of the lab",
          include: [
            "test/clients/{skopeo,http}.test.ts",
            "test/cli/{builds,varve}.node.test.ts",
            "test/action/same-digest.node.test.ts",
          ],
          env: { VARVE_TEST_LAB: seed },
          ...timeouts,
        },
      },
    ],
  },
});
