import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import { plainEnvironment } from "../command.ts";
import { childrenOf } from "../sandbox/children.ts";
import { HostError } from "../sandbox/host-error.ts";
import { findProgram } from "../sandbox/runtime.ts";
import { SAME_USERS } from "../sandbox/user-namespace.ts";
import type { AllowedPort } from "./allowed-port.ts";
import { canonicalAddress, ownAddresses, readAddressTables } from "./own-addresses.ts";

/** The address at which pasta forwards to a name server of the machine. */
export const NAME_SERVER = "169.254.1.1";

const PROGRAMS: readonly (readonly [name: string, packageName: string])[] = [
  ["pasta", "passt"],
  ["ip", "iproute2"],
];
/** Device with which programs implement network interfaces. */
const TUN = "/dev/net/tun";
const INTERFACE = "eth0";
/** In a tmpfs of the namespace; pasta's AppArmor profile permits reading below /tmp. */
const REFERENCE = "/tmp/net";

/**
 * A network namespace that pasta(1) connects with the outside. It cannot reach servers on this machine, except on
 * `allowed` ports, which appear on its own loopback.
 *
 * It leaves no files or firewall rules on the machine. Its processes end when this program ends for any reason: the first
 * one waits for a pipe to close, and the kernel ends the others with it.
 */
export class NetworkNamespace {
  readonly descriptors: NamespaceDescriptors;
  readonly #child: ChildProcess;

  private constructor(descriptors: NamespaceDescriptors, child: ChildProcess) {
    this.descriptors = descriptors;
    this.#child = child;
  }

  /**
   * @param hasOwnUsers makes it in a user namespace, for a root without the right to make it
   * @throws {HostError}
   */
  static async open(allowed: readonly AllowedPort[], hasOwnUsers: boolean): Promise<NetworkNamespace> {
    requirePrograms();
    const addresses = ownAddresses(readAddressTables());
    const holder = hasOwnUsers ? [...SAME_USERS, ...HOLDER] : HOLDER;
    const child = spawn("unshare", [...holder, "sh", "-c", script(allowed, addresses)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: plainEnvironment,
      detached: true,
    });
    child.stdin.on("error", () => {});
    try {
      requireIsolation(addresses, await namespaceAddresses(child));
      const [first] = childrenOf(child.pid);
      const network = openSync(`/proc/${first}/root${REFERENCE}`, constants.O_RDONLY);
      const users = hasOwnUsers ? openSync(`/proc/${first}/ns/user`, constants.O_RDONLY) : undefined;
      return new NetworkNamespace({ network, users }, child);
    } catch (error) {
      child.stdin.end();
      throw error instanceof HostError ? error : new HostError((error as Error).message);
    }
  }

  /** Disconnects the namespace. Processes that are still in it have no network. */
  close(): void {
    const { network, users } = this.descriptors;
    closeSync(network);
    if (users !== undefined) closeSync(users);
    this.#child.stdin?.end();
  }
}

/** @throws {HostError} */
function requirePrograms(): void {
  for (const [program, packageName] of PROGRAMS) {
    if (findProgram(program) === undefined)
      throw new HostError(`${program} is not installed (on Debian and Ubuntu: apt install ${packageName})`);
  }
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new HostError(
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? `${TUN} does not exist (load the kernel module tun; in a container: docker run --device ${TUN})`
        : `the runner's user has no permission to read and write ${TUN}`,
    );
  }
}

/** Descriptors with which processes enter the namespace. */
export interface NamespaceDescriptors {
  network: number;
  /** The user namespace that owns it, if it was made in a new one. */
  users: number | undefined;
}

/** New process and mount namespaces: no process outlives the first, and mounts are visible only inside. */
const HOLDER: readonly string[] = ["--pid", "--fork", "--kill-child=KILL", "--mount", "--mount-proc"];

const END = "-- end --";
/** Characters that are kept of error messages. */
const MAX_CHARACTERS = 1000;

/**
 * pasta connects to any address, including those of the machine. The machine's addresses are therefore added to the
 * interface in the namespace, and its local ranges to the routes, so that packets to them stay inside. pasta itself adds
 * the machine's first address.
 */
function script(allowed: readonly AllowedPort[], addresses: ReadonlySet<string>): string {
  const ports = [...new Set(allowed.map(({ port }) => port))].join(",") || "none";
  const pasta = [
    `pasta --config-net --quiet --netns-only --runas 0 --ns-ifname ${INTERFACE} --no-map-gw`,
    `--tcp-ports none --udp-ports none --tcp-ns ${ports} --udp-ns none`,
    `--dns-forward ${NAME_SERVER} --netns ${REFERENCE}`,
  ].join(" ");
  return [
    "set -e",
    "mount -t tmpfs -o mode=0700,nosuid,nodev tmpfs /tmp",
    `: >${REFERENCE}`,
    `unshare --net=${REFERENCE} true`,
    pasta,
    // Adding an address that pasta already added fails. The output of the last command is checked instead.
    `nsenter --net=${REFERENCE} ip -oneline -force -batch - 2>/dev/null <<'${END}' || :`,
    ...[...addresses].map(addressLine),
    `address show dev ${INTERFACE}`,
    `route show table local type local dev ${INTERFACE}`,
    END,
    // A batch has one family of routes.
    `nsenter --net=${REFERENCE} ip -6 route show table local type local dev ${INTERFACE} 2>/dev/null || :`,
    `echo '${END}'`,
    "read -r _ || :",
  ].join("\n");
}

/** A deprecated address is never a source address (RFC 4862, section 5.5.4). */
function addressLine(address: string): string {
  if (address.includes("/")) return `route add local ${address} dev ${INTERFACE}`;
  return address.includes(":")
    ? `address add ${address}/128 dev ${INTERFACE} nodad valid_lft forever preferred_lft 0`
    : `address add ${address}/32 dev ${INTERFACE}`;
}

/** The addresses and local ranges of the interface in the new namespace. */
async function namespaceAddresses(child: ChildProcess): Promise<Set<string>> {
  let stdout = "";
  let stderr = "";
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(0, MAX_CHARACTERS);
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (!stdout.endsWith(`${END}\n`)) return;
      const shown = [...stdout.matchAll(/ inet6? ([^\s/]+)/g), ...stdout.matchAll(/^local (\S+)/gm)];
      resolve(new Set(shown.map(([, address = ""]) => canonicalAddress(address))));
    });
    child.once("close", (code) => reject(new Error(stderr.trim() || `unshare exited with ${code}`)));
  });
}

/** @throws {HostError} when an address of the machine can be reached from the namespace */
function requireIsolation(addresses: ReadonlySet<string>, inside: ReadonlySet<string>): void {
  // An interface without an IPv6 address cannot send to one.
  const hasIpv6 = [...inside].some((address) => address.includes(":"));
  for (const address of addresses) {
    if (inside.has(address) || (address.includes(":") && !hasIpv6)) continue;
    throw new HostError(`steps could reach ${address}, which is an address of the machine`);
  }
}
