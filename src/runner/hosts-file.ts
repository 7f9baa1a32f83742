import { type ExtraHost, hostGateway } from "../../schemas/run-settings.ts";
import { type AllowedPort, namesOf } from "./allowed-port.ts";

/** Where a step finds the allowed ports of the machine, or, in the machine's network, all of them. */
const LOOPBACK = "127.0.0.1";

/**
 * `/etc/hosts` of a step: what `docker build` writes, and names of the machine whose ports are allowed.
 * @param hosts names that the build gives, each with an address
 */
export function hostsFile(
  hostname: string,
  hosts: readonly ExtraHost[],
  allowed: readonly AllowedPort[],
): string {
  const names = namesOf(allowed);
  // A port is forwarded for both addresses of loopback, and most servers listen at one: programs that look up the name
  // must not meet the other, which accepts a connection and breaks it.
  const localhost = names.includes("localhost") ? "" : "localhost ";
  return [
    `${LOOPBACK}\tlocalhost ${hostname}`,
    `::1\t${localhost}ip6-localhost ip6-loopback`,
    ...names.filter((name) => name !== "localhost").map((name) => `${LOOPBACK}\t${name}`),
    ...hosts.map(({ name, address }) => `${address === hostGateway ? LOOPBACK : address}\t${name}`),
    "",
  ].join("\n");
}
