import { homedir } from "node:os";
import { join } from "node:path";
import { ownConnection } from "../builders/manifest.ts";
import { run, startService, stopService } from "../machine/program.ts";

/** Serves the downloads of steps from a folder of this machine, so that the network does not affect results. */
export interface CachingProxy extends AsyncDisposable {
  port: number;
  /** Number of fetches from the network so far. */
  misses(): Promise<number>;
}

/** Address of this machine in the network of docker's containers. */
export type Gateway = string;

const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "varve-bench/downloads");

/** Starts the proxy on loopback and on docker's bridge. */
export async function startProxy(gateway: Gateway): Promise<CachingProxy> {
  const npm = async (name: string) => (await run("npm", ["config", "get", name])).stdout.trim();
  const registry = new URL("./", `${await npm("registry")}/`.replace(/\/+$/, "/")).href;
  const authorities = await npm("cafile");
  const program = join(import.meta.dirname, "caching-proxy.ts");
  const { child, line } = await startService(
    process.execPath,
    [program, folder, gateway, registry],
    /^port /,
    {
      env: {
        NODE_USE_ENV_PROXY: "1",
        ...(authorities !== "null" && authorities !== "" && { NODE_EXTRA_CA_CERTS: authorities }),
      },
    },
  );
  const port = Number(line.split(" ")[1]);
  return {
    port,
    async misses() {
      return Number(
        await (await fetch(`http://127.0.0.1:${port}/-/misses`, { headers: ownConnection })).text(),
      );
    },
    [Symbol.asyncDispose]: () => stopService(child),
  };
}

/** How the steps of a builder reach the proxy. */
export interface StepAccess {
  url: string;
  /** For the programs of varve that execute steps. */
  env: Record<string, string>;
}

/**
 * How a step reaches the proxy: with docker by the gateway of the bridge, with varve on loopback, of which the network of
 * steps has only this port.
 */
export function stepAccess(
  builder: "docker" | "varve",
  { port }: CachingProxy,
  gateway: Gateway,
): StepAccess {
  if (builder === "docker") return { url: `http://${gateway}:${port}`, env: {} };
  return {
    url: `http://127.0.0.1:${port}`,
    env: { VARVE_RUNNER_NETWORK_ALLOW: `127.0.0.1:${port}` },
  };
}
