import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Item } from "./workbench.ts";

/** A program of this machine and the libraries that it is linked to, as files of a layer. */
export function hostProgram(path: string): Item[] {
  const linked = execFileSync("ldd", [path], { encoding: "utf8" });
  const libraries = [...linked.matchAll(/(?:^|\s)(\/\S+) \(0x/g)].map(([, library = ""]) => library);
  return [path, ...libraries].map((file) => ({
    path: file.slice(1),
    mode: 0o755,
    content: readFileSync(file),
  }));
}
