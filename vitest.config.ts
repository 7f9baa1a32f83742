import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Folders of the engine: their tests run unchanged in workerd and in Node. */
const engine = [
  "streams",
  "tar",
  "compression",
  "dockerignore",
  "dockerfile",
  "oci",
  "store",
  "rootfs",
  "layers",
  "context",
  "registry",
  "images",
  "build",
].map((folder) => `test/${folder}/**/*.test.ts`);

/** Needs files, processes or sockets of the machine, so it runs in Node only. */
const needsMachine = "test/**/*.node.test.ts";

const workerd = cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } });

export default defineConfig({
  test: {
    // Small machines are busy with several of these at once.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        test: {
          name: "node",
          isolate: false,
          include: [...engine, "test/structure/**/*.test.ts", "test/cli/**/*.test.ts", needsMachine],
          exclude: ["test/{clients,runner,differential,conformance,bench}/**"],
        },
      },
      {
        plugins: [workerd],
        test: { name: "workerd", isolate: false, include: engine, exclude: [needsMachine] },
      },
      {
        plugins: [workerd],
        test: { name: "worker", include: ["test/worker/**/*.test.ts"], exclude: [needsMachine] },
      },
    ],
  },
});
