import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * An esbuild plugin that replaces modules.
 * @param modules path of the replacement, relative to `root`, by the specifier in imports
 */
export function replacements(root: string, modules: Readonly<Record<string, string>>): Plugin {
  const names = Object.keys(modules).map((name) => name.replaceAll(".", "\\."));
  return {
    name: "replacements",
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^(${names.join("|")})$`) }, ({ path, importer }) => {
        const replacement = join(root, modules[path] as string);
        return importer === replacement ? undefined : { path: replacement };
      });
    },
  };
}
