import { type ExtraHost, hostGateway } from "../../../schemas/run-settings.ts";
import { type AllowedPort, formatPorts } from "./allowed-port.ts";
import { loopbackOf, type SocketTables } from "./loopback-listeners.ts";

/**
 * `/etc/hosts` of a step: the lines of `docker build`, and the names of allowed ports.
 *
 * pasta forwards an allowed port for both loopback addresses, but most servers listen on one. Connections to the other
 * address are accepted and then closed, so the name of an allowed port has only the address of its server.
 * @param hosts further names of the build, each with an address
 * @param readSockets finds the servers of the machine that listen on allowed ports; called only if there are some, because
 * the kernel needs milliseconds for its tables
 */
export function hostsFile(
  hostname: string,
  hosts: readonly ExtraHost[],
  allowed: readonly AllowedPort[],
  readSockets: () => SocketTables,
): string {
  const sockets = allowed.length === 0 ? { tcp: "", tcp6: "" } : readSockets();
  const addressOf = (name?: string) => {
    const ports = allowed.filter(({ host }) => name === undefined || host === name);
    return loopbackOf(
      ports.map(({ port }) => port),
      sockets,
    );
  };
  const names = formatPorts(allowed);
  const localhost = names.includes("localhost") ? [addressOf("localhost")] : ["127.0.0.1", "::1"];
  const namesAt = (address: string, ...rest: readonly string[]) =>
    `${address}\t${[...(localhost.includes(address) ? ["localhost"] : []), ...rest].join(" ")}`;
  return [
    namesAt("127.0.0.1", hostname),
    namesAt("::1", "ip6-localhost", "ip6-loopback"),
    ...names.filter((name) => name !== "localhost").map((name) => `${addressOf(name)}\t${name}`),
    ...hosts.map(({ name, address }) => `${address === hostGateway ? addressOf() : address}\t${name}`),
    "",
  ].join("\n");
}
