import { progressKinds } from "../../command/flags/build-flag-table.ts";
import type { FlagTable } from "../../command/flags/table.ts";

/** Flags of what copies images from one registry to another. */
export const transferFlags = {
  progress: {
    kind: "text",
    choices: progressKinds,
    value: "KIND",
    help: "Progress output: auto, plain, tty, rawjson, quiet or none",
  },
  quiet: { kind: "bool", short: "q", help: "Print only the name" },
} as const satisfies FlagTable;
