import { quoteGo } from "../../dockerfile/quote.ts";
import { cut } from "../../streams/cut.ts";
import { PlanFault } from "./plan-error.ts";

/**
 * A lint rule that a port of EXPOSE violates: the protocol has upper-case letters, or there is an address or a host
 * port.
 */
type PortFinding = "ExposeProtoCasing" | "ExposeInvalidFormat";

const protocols = ["tcp", "udp", "sctp"];

/**
 * Reads `[[address:]host-port:]port[-port][/protocol]` as ports of the form `<number>/<protocol>`. Drops address and
 * host port.
 * @param warn called before the affected part is validated, as in BuildKit
 * @throws {PlanFault} for an invalid part
 */
export function readPorts(text: string, warn: (finding: PortFinding) => void): string[] {
  const parts = text.split(":");
  const container = parts.at(-1) ?? "";
  const host = parts.at(-2) ?? "";
  const address = parts.slice(0, -2).join(":");
  const [range, written = ""] = cut(container, "/");
  const protocol = written.toLowerCase() || "tcp";
  if (range === "")
    throw new PlanFault("plan/invalid-value", `invalid port: ${quoteGo(text)}: no port specified`);
  if (!protocols.includes(protocol))
    throw new PlanFault("plan/invalid-value", `invalid port: ${quoteGo(text)}: invalid proto: ${written}`);
  if (written !== written.toLowerCase()) warn("ExposeProtoCasing");
  if (address !== "" || host !== "") warn("ExposeInvalidFormat");
  checkAddress(address);
  const [first, last] = readRange(range) ?? fail(`invalid containerPort: ${range}`);
  if (host !== "") {
    const [hostFirst, hostLast] = readRange(host) ?? fail(`invalid hostPort: ${host}`);
    if (first !== last && last - first !== hostLast - hostFirst) {
      fail(`invalid ranges specified for container and host Ports: ${range} and ${host}`);
    }
  }
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

function fail(message: string): never {
  throw new PlanFault("plan/invalid-value", message);
}

function readRange(text: string): [first: number, last: number] | undefined {
  const dash = text.indexOf("-");
  const start = dash < 0 ? text : text.slice(0, dash);
  const end = dash < 0 ? text : text.slice(dash + 1);
  const first = readPort(start);
  const last = readPort(end);
  return first === undefined || last === undefined || last < first ? undefined : [first, last];
}

function readPort(text: string): number | undefined {
  const port = /^\+?[0-9]+$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65535 ? port : undefined;
}

function checkAddress(address: string): void {
  if (address === "") return;
  const bracketed = /^\[(.*)\]$/.exec(address);
  if (address.startsWith("[") && bracketed === null) fail(`invalid IP address ${address}`);
  const bare = bracketed?.[1] ?? address;
  if (!isAddress(bare)) fail(`invalid IP address: ${bare}`);
}

function isAddress(text: string): boolean {
  const four = text.split(".");
  if (four.length === 4 && four.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return true;
  }
  return text.includes(":") && URL.canParse(`http://[${text}]/`);
}
