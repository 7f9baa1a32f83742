import type { ContextEntry } from "../../case.ts";
import { doc } from "../dockerfile.ts";

/** A Dockerfile on a busybox that can run. */
export const onBusybox = (...lines: string[]) => doc("FROM varve/busybox:1", ...lines);

export const context: Record<string, ContextEntry> = {
  f: "f\n",
  "d/g": "g\n",
  "d/sub/h": { content: "h\n", mode: 0o600 },
  "d/to-g": { symlink: "g" },
};
