import { readFileSync } from "node:fs";
import { quote } from "./shell-quote.ts";

/**
 * What steps are in that do not choose: the network of the machine, one of their own from which pasta(1) leads outside
 * but not to the machine, or one of their own that leads nowhere.
 */
export type DefaultNetwork = "host" | "pasta" | "none";

/** The address behind which pasta answers for the name servers of the machine. */
const NAME_SERVER = "169.254.1.1";

/**
 * The command in a network of its own, for the sandbox. Nothing of the machine is to be reached from there: neither
 * what listens on its loopback nor, as pasta gives the container the machine's address, what listens on that.
 * pasta ends with the sandbox.
 * @param folder for the network's name
 */
export function behindPasta(command: readonly string[], folder: string): string[] {
  const net = quote(`${folder}/net`);
  const pasta = [
    "pasta --config-net --quiet --no-map-gw --netns-only --runas 0",
    "--tcp-ports none --udp-ports none --tcp-ns none --udp-ns none",
    `--dns-forward ${NAME_SERVER} --netns ${net}`,
  ].join(" ");
  const script = [
    "set -e",
    `touch ${net}`,
    `unshare --net=${net} true`,
    pasta,
    // The shell stays, for crun would wait for pasta, too.
    `nsenter --net=${net} "$@" & command=$!`,
    "trap 'kill -TERM $command' TERM",
    "set +e",
    "wait $command; code=$?",
    "while kill -0 $command 2>/dev/null; do wait $command; code=$?; done",
    "exit $code",
  ].join("\n");
  return ["sh", "-c", script, "sh", ...command];
}

/** `/etc/resolv.conf` of a step. */
export function nameServers(network: DefaultNetwork): string {
  const own = ownNameServers();
  if (network !== "pasta") return own;
  const rest = own.split("\n").filter((line) => line !== "" && !/^\s*(?:nameserver\b|#|;)/.test(line));
  return [`nameserver ${NAME_SERVER}`, ...rest, ""].join("\n");
}

function ownNameServers(): string {
  try {
    return readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    return "";
  }
}
