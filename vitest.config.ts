import "./test/helpers/compile-cache.ts";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { diskStore } from "./src/serve/objects/disk-store.ts";
import { serveObjects } from "./src/serve/objects/serve-objects.ts";
import { everySuite } from "./test/helpers/every-suite.ts";

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
  "network",
  "registry",
  "images",
  "progress",
  "engine",
  "garbage",
  "engine-api",
].map((folder) => `test/${folder}/**/*.test.ts`);

/** Needs files, processes or sockets of the machine, so it runs in Node only. */
const needsMachine = "test/**/*.node.test.ts";

const wrangler = { configPath: "./wrangler.toml" };
/** As behind the HTTP front of a local server: requests of this machine may do everything. Two pools of runners, and a token service on another site. */
const bindings = {
  VARVE_FRONT_SECRET: "of-the-tests",
  VARVE_POOLS: JSON.stringify({ "team-eu": { repositories: ["in-pool/**"], location: "weur" } }),
  VARVE_REALMS: JSON.stringify({ "reg-trusting.example.com": "https://auth.example.net" }),
};
const workerd = cloudflareTest({ wrangler, miniflare: { bindings } });

/** As a server on one's own machine has them. */
const objects = diskStore(mkdtempSync(join(tmpdir(), "varve-objects-")));
const workerdWithObjects = cloudflareTest({
  wrangler,
  miniflare: {
    serviceBindings: { OBJECTS: { node: serveObjects(objects) }, FILES: { disk: { path: objects.files } } },
  },
});

export default defineConfig({
  test: {
    // One more than small machines have cores, because tests wait for programs and timers.
    maxWorkers: 3,
    // Small machines are busy with several of these at once.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        test: {
          ...everySuite,
          name: "node",
          isolate: false,
          include: [
            ...engine,
            "test/structure/**/*.test.ts",
            "test/{cli,command,serve}/**/*.test.ts",
            needsMachine,
          ],
          exclude: ["test/{attack,clients,runner,differential,conformance,bench}/**"],
        },
      },
      {
        plugins: [workerdWithObjects],
        test: {
          ...everySuite,
          name: "workerd",
          isolate: false,
          include: engine,
          exclude: [needsMachine],
        },
      },
      {
        plugins: [workerd],
        test: {
          ...everySuite,
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: [needsMachine],
        },
      },
    ],
  },
});
