import { tryReadText } from "../files/read-text.ts";
import { NAME_SERVER } from "./network-namespace.ts";
import { isOwn, ownAddresses, readAddressTables } from "./own-addresses.ts";

const SYSTEM_FILE = "/etc/resolv.conf";
/** The servers that systemd-resolved uses, for when the system's file has only its stub (systemd-resolved.service(8)). */
const RESOLVED_FILE = "/run/systemd/resolve/resolv.conf";
const RESOLVED_STUB = "127.0.0.53";
const SERVER = /^\s*nameserver\s+(\S+)/;

/** The machine's resolv.conf(5). */
export function machineNameServers(): string {
  return tryReadText(SYSTEM_FILE) ?? "";
}

/** The resolv.conf(5) of a step with its own network: pasta forwards to servers on the machine. */
export function stepNameServers(text: string = reachableNameServers(), own = machineAddresses()): string {
  const servers: string[] = [];
  const rest: string[] = [];
  for (const line of text.split("\n")) {
    const [, address] = SERVER.exec(line) ?? [];
    if (address !== undefined) servers.push(isOnMachine(address, own) ? NAME_SERVER : address);
    else if (!/^\s*(?:[#;]|$)/.test(line)) rest.push(line);
  }
  // Without a server, programs use one on the machine.
  if (servers.length === 0) servers.push(NAME_SERVER);
  return (
    [...new Set(servers)].map((address) => `nameserver ${address}\n`).join("") +
    rest.map((line) => `${line}\n`).join("")
  );
}

function reachableNameServers(): string {
  const text = machineNameServers();
  const servers = text.split("\n").flatMap((line) => SERVER.exec(line)?.slice(1) ?? []);
  const isStub = servers.length > 0 && servers.every((address) => address === RESOLVED_STUB);
  return isStub ? tryReadText(RESOLVED_FILE) || text : text;
}

function machineAddresses(): Set<string> {
  return ownAddresses(readAddressTables());
}

function isOnMachine(address: string, own: ReadonlySet<string>): boolean {
  return address.startsWith("127.") || address === "::1" || isOwn(address, own);
}
