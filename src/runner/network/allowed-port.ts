/** A TCP port of the machine's loopback that steps may use, and the host name under which they reach it. */
export interface AllowedPort {
  host: string;
  port: number;
}

const FORM = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s/]+):(\d{1,5})$/;
const ADDRESS = /^(?:\[.*\]|\d+\.\d+\.\d+\.\d+)$/;
/** The only addresses that pasta connects to on behalf of a step. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "[::1]"];

/**
 * Reads `HOST:PORT`. HOST is `localhost`, `127.0.0.1`, `[::1]`, or another name that then means the machine's loopback
 * within steps.
 * @throws {SyntaxError}
 */
export function parseAllowedPort(text: string): AllowedPort {
  const [, host = "", digits = ""] = FORM.exec(text) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65535)
    throw new SyntaxError(`${JSON.stringify(text)} is not HOST:PORT, for example localhost:3142`);
  if (ADDRESS.test(host) && !LOOPBACK.includes(host))
    throw new SyntaxError(
      `${host} is not an address of this machine's loopback: only ports of localhost, 127.0.0.1 or [::1] can be allowed`,
    );
  return { host: host.toLowerCase(), port };
}

/** Names that steps look up in `/etc/hosts` to reach allowed ports; addresses need none. */
export function formatPorts(ports: readonly AllowedPort[]): string[] {
  return [...new Set(ports.map(({ host }) => host))].filter((host) => !ADDRESS.test(host));
}
