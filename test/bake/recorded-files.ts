import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A small bake file, and what `docker buildx bake --print` (0.13) printed for it. */
export interface RecordedFile {
  name: "docker-bake.hcl" | "docker-bake.json";
  text: string;
  /** Null if buildx rejects the file. */
  plan: object | null;
}

/** Odd and malformed files. */
export function recordedFiles(): RecordedFile[] {
  const lines = readFileSync(join(import.meta.dirname, "recorded-files.ndjson"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as RecordedFile);
}
