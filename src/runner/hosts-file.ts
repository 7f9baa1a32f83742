import { type ExtraHost, hostGateway } from "../../schemas/run-settings.ts";
import { type AllowedPort, namesOf } from "./allowed-port.ts";

/** Address of the machine's allowed ports, or, in the machine's network, of all its ports. */
const LOOPBACK = "127.0.0.1";

/**
 * `/etc/hosts` of a step: the lines of `docker build`, and the names of allowed ports.
 * @param hosts further names of the build, each with an address
 */
export function hostsFile(
  hostname: string,
  hosts: readonly ExtraHost[],
  allowed: readonly AllowedPort[],
): string {
  const names = namesOf(allowed);
  // pasta forwards a port for both loopback addresses, but most servers listen on one. Connections to the other address
  // are accepted and then closed, so the name must not resolve to it.
  const localhost = names.includes("localhost") ? "" : "localhost ";
  return [
    `${LOOPBACK}\tlocalhost ${hostname}`,
    `::1\t${localhost}ip6-localhost ip6-loopback`,
    ...names.filter((name) => name !== "localhost").map((name) => `${LOOPBACK}\t${name}`),
    ...hosts.map(({ name, address }) => `${address === hostGateway ? LOOPBACK : address}\t${name}`),
    "",
  ].join("\n");
}
