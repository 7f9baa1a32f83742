import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The Worker as one module: beside the command. */
export async function bundleWorker(): Promise<string> {
  return readFileSync(fileURLToPath(new URL("./worker.js", import.meta.url).href), "utf8");
}
