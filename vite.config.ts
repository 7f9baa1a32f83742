import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url).href);

/** Builds the playground into the folder that the Worker serves as static assets. */
export default defineConfig({
  root: at("src/playground"),
  cacheDir: at("node_modules/.vite/playground"),
  logLevel: "warn",
  resolve: {
    // The engine and the client take two modules of Node that browsers lack.
    alias: {
      "node:crypto": at("src/playground/browser/node-crypto.ts"),
      "node:zlib": at("src/playground/browser/node-zlib.ts"),
    },
  },
  build: {
    target: "es2023",
    outDir: at("dist/playground"),
    emptyOutDir: true,
    // Everything that is loaded must come from this host by a name of its own: nothing is put inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    reportCompressedSize: false,
    // Says on slow machines which plugin took how long, which is of no use to who starts a server.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
