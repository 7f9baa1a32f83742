import { parseAllowedPort } from "../../runner/network/allowed-port.ts";
import type { NetworkKind } from "../../runner/network/step-networks.ts";
import type { StepSettings } from "../../runner/runner-options.ts";
import { UsageError } from "../command-error.ts";
import { byteSizeFlag } from "./byte-size.ts";
import type { FlagTable, FlagValues } from "./table.ts";

/** The flag of every command that may be a runner. */
export const networkAllowFlag = {
  "network-allow": {
    kind: "csv",
    value: "HOST:PORT",
    help: "Let steps connect to this port of this machine, e.g. localhost:3142",
  },
} as const satisfies FlagTable;

/** Flags of a runner about the steps that it executes. */
export const stepFlags = {
  network: {
    kind: "text",
    choices: ["default", "none", "host", "pasta"],
    value: "KIND",
    help: "Network of steps: default (isolated from this machine), none, or host (that of this machine)",
  },
  ...networkAllowFlag,
  memory: {
    kind: "text",
    value: "BYTES",
    help: "Maximum memory of a step, e.g. 4g; 0 for no limit (default: nearly all)",
  },
  "pids-limit": {
    kind: "text",
    value: "NUMBER",
    help: "Maximum number of processes and threads of a step; 0 for no limit (default: 16384, or half of the kernel's limit)",
  },
} as const satisfies FlagTable;

/** The environment variable that is the default of each flag. */
const VARIABLES = {
  network: "VARVE_RUNNER_NETWORK",
  "network-allow": "VARVE_RUNNER_NETWORK_ALLOW",
  memory: "VARVE_RUNNER_MEMORY",
  "pids-limit": "VARVE_RUNNER_PIDS_LIMIT",
} as const satisfies Record<keyof typeof stepFlags, string>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a runner's steps from the flags, or else from the environment.
 * @throws {UsageError}
 */
export function readStepSettings(
  values: Partial<FlagValues<typeof stepFlags>>,
  environment: Environment,
): StepSettings {
  const text = (name: keyof typeof stepFlags) => environment[VARIABLES[name]] || undefined;
  const network = values.network ?? text("network");
  const allowed = values["network-allow"]?.length
    ? values["network-allow"]
    : text("network-allow")?.split(",");
  const memory = values.memory ?? text("memory");
  const pids = values["pids-limit"] ?? text("pids-limit");
  return {
    ...(network !== undefined && { network: readNetwork(network) }),
    ...(allowed !== undefined && { networkAllow: allowed.map(readAllowed) }),
    ...(memory !== undefined && { memory: memory === "-1" ? 0 : byteSizeFlag("--memory", memory) }),
    ...(pids !== undefined && { pids: readPids(pids) }),
  };
}

/** The environment variables for settings, for a program that reads only those. */
export function stepVariables(values: FlagValues<typeof stepFlags>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([name, variable]) => {
      const value = String(values[name as keyof typeof stepFlags] ?? "");
      return value === "" ? [] : [[variable, value]];
    }),
  );
}

/** `pasta` is an older name of the default. */
function readNetwork(text: string): NetworkKind {
  if (text === "default" || text === "pasta") return "default";
  if (text === "none" || text === "host") return text;
  throw new UsageError(`the network of steps must be default, none or host, not ${JSON.stringify(text)}`);
}

function readAllowed(text: string) {
  try {
    return parseAllowedPort(text.trim());
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--network-allow: ${error.message}`);
    throw error;
  }
}

/** -1 is no limit, too, as with docker. */
function readPids(text: string): number {
  if (text === "-1") return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--pids-limit ${JSON.stringify(text)} is not a whole number`);
}
