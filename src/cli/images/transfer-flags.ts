import { progressKinds } from "../../command/flags/build-flag-table.ts";
import type { FlagTable } from "../../command/flags/table.ts";

/** Flags of what copies images from one registry to another. */
export const transferFlags = {
  progress: {
    kind: "text",
    choices: progressKinds,
    value: "KIND",
    help: "How progress is shown: auto, plain, tty, rawjson, quiet or none",
  },
  quiet: { kind: "bool", short: "q", help: "Print the name and nothing else" },
} as const satisfies FlagTable;
