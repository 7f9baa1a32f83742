import type { BuildOptions } from "../../../schemas/options.ts";
import { readExtraHost, ulimitFault, ulimitNames } from "../../../schemas/run-settings.ts";
import { UsageError } from "../command-error.ts";
import type { buildFlagTable } from "./build-flag-table.ts";
import { byteSizeFlag } from "./byte-size.ts";
import type { FlagValues } from "./table.ts";

type RunSettings = Partial<Pick<BuildOptions, "network" | "extraHosts" | "ulimits" | "shmSize">>;
type Ulimit = BuildOptions["ulimits"][number];

/**
 * Reads the settings of all RUN steps from the flags.
 * @throws {UsageError} in docker's words
 */
export function readRunSettings(
  values: Pick<FlagValues<typeof buildFlagTable>, "network" | "add-host" | "ulimit" | "shm-size">,
): RunSettings {
  const { network, "add-host": hosts, ulimit: ulimits, "shm-size": shmSize } = values;
  const shared = shmSize === undefined ? 0 : byteSizeFlag("--shm-size", shmSize);
  return {
    ...(network && network !== "default" && { network: readNetwork(network) }),
    ...(hosts.length > 0 && { extraHosts: hosts.map(checkedHost) }),
    ...(ulimits.length > 0 && { ulimits: ulimits.map(readUlimit) }),
    ...(shared > 0 && { shmSize: shared }),
  };
}

function readNetwork(text: string): "none" | "host" {
  if (text === "none" || text === "host") return text;
  throw new UsageError(
    `network mode ${JSON.stringify(text)} not supported: it must be default, none or host`,
  );
}

function checkedHost(text: string): string {
  if (readExtraHost(text) !== undefined) return text;
  throw new UsageError(`invalid host ${text}`);
}

/** `NAME=SOFT[:HARD]` */
function readUlimit(text: string): Ulimit {
  const fail = (reason: string) =>
    new UsageError(`invalid argument ${JSON.stringify(text)} for "--ulimit" flag: ${reason}`);
  const [, name, pair = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw fail(`invalid ulimit argument: ${text}`);
  const known = ulimitNames.find((known) => known === name);
  if (known === undefined) throw fail(`invalid ulimit type: ${name}`);
  const parts = pair.split(":");
  if (parts.length > 2)
    throw fail(`too many limit value arguments - ${pair}, can only have up to two, \`soft[:hard]\``);
  const odd = parts.find((part) => !/^-?\d{1,15}$/.test(part));
  if (odd !== undefined) throw fail(`${JSON.stringify(odd)} is not a whole number`);
  const [soft = 0, hard = soft] = parts.map(Number);
  const fault = ulimitFault({ soft, hard });
  if (fault !== undefined) throw fail(fault);
  return { name: known, soft, hard };
}
