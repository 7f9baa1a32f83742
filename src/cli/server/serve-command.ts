import packageInfo from "../../../package.json" with { type: "json" };
import { CommandError, EXIT } from "../../command/command-error.ts";
import { readStepSettings, stepFlags, stepVariables } from "../../command/flags/step-flags.ts";
import { command } from "../command.ts";

/** The oldest version of Node that the embedded runtime supports. */
const OLDEST_NODE = 22;

/** `varve serve`: like `npm start`, with the same settings in the environment. Serves until a signal. */
export const serveCommand = command(
  {
    name: "serve",
    usage: "",
    summary: "Run a server on this machine",
    about:
      'Listens at http://localhost:8787, and executes RUN steps if this machine supports it. Environment variables: PORT sets the port, VARVE_DATA the folder of the stored data (default: .varve), VARVE_MIRRORS mirrors of registries, e.g. {"docker.io":"http://127.0.0.1:5000"}. VARVE_RUNNER_NETWORK, VARVE_RUNNER_NETWORK_ALLOW, VARVE_RUNNER_MEMORY and VARVE_RUNNER_PIDS_LIMIT are the defaults of the flags.',
    flags: stepFlags,
    args: [0, 0],
  },
  async ({ values }) => {
    if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
      throw new CommandError(
        `varve serve needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}`,
        "The other commands work with this version.",
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
        `Install it beside varve, with --global if varve is: npm install miniflare@${peerDependencies.miniflare}`,
      );
    }
    return EXIT.ok;
  },
);
