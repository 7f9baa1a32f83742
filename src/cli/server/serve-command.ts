import packageInfo from "../../../package.json" with { type: "json" };
import { CommandError, EXIT } from "../../command/command-error.ts";
import { readStepSettings, stepFlags, stepVariables } from "../../command/flags/step-flags.ts";
import { command } from "../command.ts";

/** The runtime that is embedded has it from here on. */
const OLDEST_NODE = 22;

/** `varve serve`: like `npm start`, with the same settings in the environment. Serves until a signal. */
export const serveCommand = command(
  {
    name: "serve",
    usage: "",
    summary: "Serve on this machine",
    about:
      'Serves at http://localhost:8787, and executes RUN steps where this machine can. The environment says more: PORT is another port, VARVE_DATA the folder that keeps the state (.varve), VARVE_MIRRORS the registries that are asked instead of others, as {"docker.io":"http://127.0.0.1:5000"}. VARVE_RUNNER_NETWORK, VARVE_RUNNER_NETWORK_ALLOW, VARVE_RUNNER_MEMORY and VARVE_RUNNER_PIDS_LIMIT stand for the flags of these names.',
    flags: stepFlags,
    args: [0, 0],
  },
  async ({ values }) => {
    if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
      throw new CommandError(
        `varve serve needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}`,
        "The other commands work with this one.",
      );
    }
    readStepSettings(values, process.env);
    Object.assign(process.env, stepVariables(values));
    try {
      await import("../../serve/serve.ts");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
      const { peerDependencies } = packageInfo;
      throw new CommandError(
        `varve serve needs miniflare, which is not installed: ${(error as Error).message.split("\n")[0]}`,
        `Install it beside varve: npm install miniflare@${peerDependencies.miniflare}`,
      );
    }
    return EXIT.ok;
  },
);
