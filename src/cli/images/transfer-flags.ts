import { sharedFlags } from "../../command/flags/shared-flags.ts";
import type { FlagTable } from "../../command/flags/table.ts";

/** Flags of the commands that copy images between registries. */
export const transferFlags = {
  progress: sharedFlags.progress,
  quiet: { kind: "bool", short: "q", help: "Print only the name" },
} as const satisfies FlagTable;
