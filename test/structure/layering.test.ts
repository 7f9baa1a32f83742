import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/** Each folder imports only folders that are listed before it. */
const order = [
  "schemas",
  "src/streams",
  "src/tar",
  "src/compression",
  "src/dockerignore",
  "src/dockerfile",
  "src/oci",
  "src/store",
  "src/rootfs",
  "src/layers",
  "src/context",
  "src/network",
  "src/registry",
  "src/images",
  "src/progress",
  "src/engine",
  "src/garbage",
  "src/engine-api",
  "src/runner",
  "src/worker",
  "src/client",
  "src/bake",
  "src/machine",
  "src/command",
  "src/serve",
  "src/cli",
  "src/action",
  "src/playground",
];
/** Entry points, which nothing imports. */
const entries = new Set(["src/worker", "src/cli", "src/action", "src/playground"]);
const machineFolders = new Set([
  "src/runner",
  "src/bake",
  "src/machine",
  "src/command",
  "src/serve",
  "src/cli",
  "src/action",
]);
/** Modules of `node:` that the engine may import, because workerd and bundlers for the browser have them too. */
const portableModules = new Set(["node:zlib", "node:crypto"]);

interface Import {
  file: string;
  folder: string;
  target: string;
}

const imports = globSync(["src/**/*.ts", "src/**/*.tsx", "schemas/**/*.ts"]).flatMap((file): Import[] => {
  const text = readFileSync(file, "utf8");
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|import\("([^"]+)"\)/gm,
    ),
  ].map((match) => ({
    file,
    folder: folderOf(file),
    target: match[1] ?? match[2] ?? match[3] ?? "",
  }));
});

function folderOf(file: string): string {
  return file.startsWith("schemas/") ? "schemas" : file.split("/").slice(0, 2).join("/");
}

test("imports are found", () => {
  expect(imports.length).toBeGreaterThan(50);
});

test("a folder imports only folders before it", () => {
  const wrong = imports.filter(({ file, folder, target }) => {
    // package.json belongs to no folder.
    if (!target.startsWith(".") || target.endsWith("/package.json")) return false;
    const other = folderOf(normalize(join(dirname(file), target)));
    if (other === folder) return false;
    return entries.has(other) || order.indexOf(other) < 0 || order.indexOf(other) > order.indexOf(folder);
  });
  expect(wrong).toEqual([]);
});

test("only the worker imports hono and the Workers runtime", () => {
  const wrong = imports.filter(
    ({ folder, target }) => /^(hono(\/|$)|cloudflare:)/.test(target) && folder !== "src/worker",
  );
  expect(wrong).toEqual([]);
});

test("only programs that run on a machine import its modules", () => {
  const wrong = imports.filter(({ folder, target }) => {
    if (!target.startsWith("node:") || machineFolders.has(folder)) return false;
    return folder === "src/worker" ? target === "node:fs" : !portableModules.has(target);
  });
  expect(wrong).toEqual([]);
});

test("no imports are circular, not even those of types", () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of imports) {
    if (!target.startsWith(".")) continue;
    graph.set(file, [...(graph.get(file) ?? []), normalize(join(dirname(file), target))]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  expect(circles).toEqual([]);
});
