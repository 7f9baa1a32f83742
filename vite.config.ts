import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url).href);

/** Lists the files that the page is made of, by which one tells whether it is out of date. */
function sources(): Plugin {
  return {
    name: "sources",
    generateBundle() {
      // Files that are taken as they are have a query behind their names.
      const modules = [...this.getModuleIds()].map((id) => relative(at("."), id.replace(/\?.*$/, "")));
      const paths = [...new Set(modules)].filter((path) => /^(src|schemas|examples)\//.test(path)).sort();
      this.emitFile({ type: "asset", fileName: "sources.json", source: JSON.stringify(paths) });
    },
  };
}

/** Builds the playground into the folder that the Worker serves as static assets. */
export default defineConfig({
  root: at("src/playground"),
  cacheDir: at("node_modules/.vite/playground"),
  logLevel: "warn",
  plugins: [sources()],
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
  },
});
