import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { everySuite } from "../helpers/every-suite.ts";

const clients = [
  "attestations.node",
  "bake.node",
  "buildah",
  "containerd",
  "docker",
  "docker-plugin.node",
  "engine.node",
  "http",
  "podman",
  "push.node",
  "skopeo",
  "varve-push.node",
];

// Suites that also run against a local server, unchanged, in the lab: `npm run edge:suites`.
export default defineConfig({
  test: {
    ...everySuite,
    root: join(import.meta.dirname, "../.."),
    include: [
      ...clients.map((name) => `test/clients/${name}.test.ts`),
      "test/cli/images.node.test.ts",
      "test/client/upload-context.node.test.ts",
      "test/action/same-digest.node.test.ts",
    ],
    // The seed of the faults.
    env: { VARVE_TEST_LAB: process.env.VARVE_TEST_LAB ?? "1" },
    fileParallelism: false,
    // Rejected operations of the storage are repeated after pauses.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
