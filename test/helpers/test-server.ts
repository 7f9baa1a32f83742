import { type LocalServer, type LocalServerOptions, startLocalServer } from "../../src/serve/local-server.ts";
import { startLab } from "../edge/lab.ts";

/** Whether suites run against the lab of `test/edge`: `npm run edge:suites`. */
export const isInLab = process.env.VARVE_TEST_LAB !== undefined;

/**
 * Starts the server of a suite: a local one, or with `VARVE_TEST_LAB` the lab, whose faults have the value as their seed.
 * In the lab, a server without an admin accepts requests without a credential, as a local one does.
 */
export async function startTestServer(options: LocalServerOptions): Promise<LocalServer> {
  if (!isInLab) return startLocalServer(options);
  const isOpen = options.variables?.VARVE_ADMIN_TOKEN === undefined;
  const lab = await startLab({ seed: Number(process.env.VARVE_TEST_LAB) }, options.variables, { isOpen });
  return {
    url: `http://localhost:${new URL(lab.url).port}`,
    reportRunner() {},
    close: async () => lab[Symbol.asyncDispose](),
  };
}
