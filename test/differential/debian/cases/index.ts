import type { Case } from "../../case.ts";
import { accountCases } from "./accounts.ts";
import { fileCases } from "./files.ts";
import { mountCases } from "./mounts.ts";
import { packageCases } from "./packages.ts";
import { processCases } from "./process.ts";
import { runSettingCases } from "./run-settings.ts";
import { systemCallCases } from "./system-calls.ts";
import { toolchainCases } from "./toolchains.ts";

/** Every case on a Debian system, by topic. */
export const debianCases: Case[] = [
  ...fileCases,
  ...packageCases,
  ...accountCases,
  ...processCases,
  ...runSettingCases,
  ...systemCallCases,
  ...mountCases,
  ...toolchainCases,
];
