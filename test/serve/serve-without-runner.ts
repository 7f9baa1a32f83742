import { startLocalServer } from "../../src/serve/local-server.ts";

// A server without a runner, as a separate process: `node serve-without-runner.ts <data folder>`.
const server = await startLocalServer({ port: 0, data: process.argv[2] as string });
console.log(server.url);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.removeAllListeners(signal).once(signal, () => server.close().then(() => process.exit(0)));
}
