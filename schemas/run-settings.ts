// Settings of a build for all its RUN steps, parsed from docker's forms. Without zod, because the command does not load it.

/** A placeholder for the address of the runner's machine, for ports that its operator allows. */
export const hostGateway = "host-gateway";

/** A line of `/etc/hosts`. */
export interface ExtraHost {
  /** In lower case. */
  name: string;
  /** IPv4, IPv6 or `host-gateway`. */
  address: string;
}

/**
 * Parses `NAME=ADDRESS[,ADDRESS]` or `NAME:ADDRESS[,ADDRESS]`. An address may be in brackets. Undefined for any other text.
 */
export function readExtraHost(text: string): ExtraHost[] | undefined {
  const at = text.indexOf(text.includes("=") ? "=" : ":");
  const [name, value] = [text.slice(0, Math.max(at, 0)).toLowerCase(), text.slice(at + 1)];
  if (!/^\S+$/.test(name)) return undefined;
  if (value === hostGateway) return [{ name, address: hostGateway }];
  const addresses = value.split(",").map((part) => /^\[(.+)\]$/.exec(part)?.[1] ?? part);
  if (!addresses.every(isAddress)) return undefined;
  return addresses.map((part) => ({ name, address: part.toLowerCase() }));
}

function isAddress(text: string): boolean {
  return text.includes(":")
    ? /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`)
    : /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/** Docker's names of limits: those of setrlimit(2) without `RLIMIT_`. */
export const ulimitNames = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
] as const;

/** Docker's error message for an invalid pair of limits; undefined for a valid one. -1 means unlimited. */
export function ulimitFault({ soft, hard }: { soft: number; hard: number }): string | undefined {
  if (hard === -1 || (soft !== -1 && soft <= hard)) return undefined;
  const pair = soft === -1 ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`;
  return `ulimit soft limit must be less than or equal to hard limit: ${pair}`;
}
