import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import type { AllowedPort } from "./allowed-port.ts";
import { childrenOf } from "./children.ts";
import { plainEnvironment } from "./command.ts";
import { canonicalAddress, ownAddresses, readAddressTables } from "./own-addresses.ts";
import { findProgram } from "./runtime.ts";
import { SAME_USERS } from "./user-namespace.ts";

/** The machine cannot make a network for a step. The message says what to do about it. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

/** The address at which pasta answers for a name server that listens on the machine. */
export const NAME_SERVER = "169.254.1.1";

const PROGRAMS: readonly (readonly [name: string, packageName: string])[] = [
  ["pasta", "passt"],
  ["ip", "iproute2"],
];
/** What makes network interfaces of programs. */
const TUN = "/dev/net/tun";
const INTERFACE = "eth0";
/** In a file system of the namespace's own; pasta's AppArmor profile lets it read below /tmp. */
const REFERENCE = "/tmp/net";

/**
 * A network namespace from which pasta(1) leads outside. Nothing that listens on the machine can be reached from it,
 * but for `allowed` ports, which are those of its own loopback.
 *
 * Its processes hold no file and no rule of the machine. They end when this program does, however it ends: their first
 * one waits for the end of a pipe, and the kernel ends the others with it.
 */
export class NetworkNamespace {
  readonly descriptors: NamespaceDescriptors;
  readonly #child: ChildProcess;

  private constructor(descriptors: NamespaceDescriptors, child: ChildProcess) {
    this.descriptors = descriptors;
    this.#child = child;
  }

  /**
   * @param hasOwnUsers makes it in a user namespace, for a root who lacks the right to make it
   * @throws {NetworkError}
   */
  static async open(allowed: readonly AllowedPort[], hasOwnUsers: boolean): Promise<NetworkNamespace> {
    requireMeans();
    const addresses = ownAddresses(readAddressTables());
    const holder = hasOwnUsers ? [...SAME_USERS, ...HOLDER] : HOLDER;
    const child = spawn("unshare", [...holder, "sh", "-c", script(allowed, addresses)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: plainEnvironment,
      detached: true,
    });
    child.stdin.on("error", () => {});
    try {
      requireApart(addresses, await answerOf(child));
      const [first] = childrenOf(child.pid);
      const network = openSync(`/proc/${first}/root${REFERENCE}`, constants.O_RDONLY);
      const users = hasOwnUsers ? openSync(`/proc/${first}/ns/user`, constants.O_RDONLY) : undefined;
      return new NetworkNamespace({ network, users }, child);
    } catch (error) {
      child.stdin.end();
      throw error instanceof NetworkError ? error : new NetworkError((error as Error).message);
    }
  }

  /** Ends what leads outside. What is still in the namespace has no network from then on. */
  close(): void {
    const { network, users } = this.descriptors;
    closeSync(network);
    if (users !== undefined) closeSync(users);
    this.#child.stdin?.end();
  }
}

/** @throws {NetworkError} */
function requireMeans(): void {
  for (const [program, packageName] of PROGRAMS) {
    if (findProgram(program) === undefined)
      throw new NetworkError(
        `${program} is not installed (on Debian and Ubuntu: apt install ${packageName})`,
      );
  }
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new NetworkError(
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? `there is no ${TUN} (load the module tun of the kernel; for a container, docker run --device ${TUN})`
        : `the runner's user may not read and write ${TUN}`,
    );
  }
}

/** Descriptors for processes that are to be in the namespace. */
export interface NamespaceDescriptors {
  network: number;
  /** The user namespace that owns it, when it has one of its own. */
  users: number | undefined;
}

/** Process and mount namespaces of its own: nothing outlives the first process, and no mount is seen elsewhere. */
const HOLDER: readonly string[] = ["--pid", "--fork", "--kill-child=KILL", "--mount", "--mount-proc"];

const END = "-- end --";
/** Characters that are kept of what programs report. */
const MOST_WORDS = 1000;

/**
 * pasta connects to every address that a step names, also to those of the machine, so these are addresses of the step's
 * own interface, too: what is sent to them stays in the namespace. pasta itself does so with the machine's first one.
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
    // The first addresses are there already, which is no failure; what counts is what is shown in the end.
    `nsenter --net=${REFERENCE} ip -oneline -force -batch - 2>/dev/null <<'${END}' || :`,
    ...[...addresses].map(addressLine),
    `address show dev ${INTERFACE}`,
    END,
    `echo '${END}'`,
    "read -r _ || :",
  ].join("\n");
}

/** A deprecated address is never the source of anything (RFC 4862, section 5.5.4). */
function addressLine(address: string): string {
  return address.includes(":")
    ? `address add ${address}/128 dev ${INTERFACE} nodad valid_lft forever preferred_lft 0`
    : `address add ${address}/32 dev ${INTERFACE}`;
}

/** The addresses of the interface in the new namespace. */
async function answerOf(child: ChildProcess): Promise<Set<string>> {
  let stdout = "";
  let stderr = "";
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(0, MOST_WORDS);
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (!stdout.endsWith(`${END}\n`)) return;
      const shown = stdout.matchAll(/ inet6? ([^\s/]+)/g);
      resolve(new Set([...shown].map(([, address = ""]) => canonicalAddress(address))));
    });
    child.once("close", (code) => reject(new Error(stderr.trim() || `unshare exited with ${code}`)));
  });
}

/** @throws {NetworkError} when an address of the machine leads outside of the namespace */
function requireApart(addresses: ReadonlySet<string>, inside: ReadonlySet<string>): void {
  // An interface without any address of IPv6 sends nothing to one.
  const hasIpv6 = [...inside].some((address) => address.includes(":"));
  for (const address of addresses) {
    if (inside.has(address) || (address.includes(":") && !hasIpv6)) continue;
    throw new NetworkError(`steps cannot be kept from ${address}, which is an address of the machine`);
  }
}
