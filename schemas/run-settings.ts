// What a build says of all its RUN steps, read from docker's words. Without zod, which the command does not load.

/** The address that stands for the runner's machine, where its operator lets steps use ports of it. */
export const hostGateway = "host-gateway";

/** A line of `/etc/hosts`. */
export interface ExtraHost {
  /** In lower case. */
  name: string;
  /** Of IPv4 or IPv6, or `host-gateway`. */
  address: string;
}

/**
 * The lines that `NAME=ADDRESS[,ADDRESS]` asks for; `:` may stand for `=`, and an address may be in brackets.
 * Undefined when the text has another form.
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

/** Names of setrlimit(2) without `RLIMIT_`, as docker has them. */
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

/** What is wrong with a pair of limits, in docker's words; undefined when nothing is. -1 is no limit. */
export function ulimitFault({ soft, hard }: { soft: number; hard: number }): string | undefined {
  if (hard === -1 || (soft !== -1 && soft <= hard)) return undefined;
  const pair = soft === -1 ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`;
  return `ulimit soft limit must be less than or equal to hard limit: ${pair}`;
}
