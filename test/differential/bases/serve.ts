import { pushBases, startRegistry } from "./registry.ts";

// Serves the base images until it is interrupted, for a server that was started separately: serve.ts [port].

const port = process.argv[2];
const registry = await startRegistry(port === undefined ? undefined : Number(port));
await pushBases(registry);
console.log(`Base images at ${registry.host}: VARVE_MIRRORS='{"docker.io":"${registry.url}"}'`);
process.once("SIGINT", () => registry[Symbol.asyncDispose]());
process.once("SIGTERM", () => registry[Symbol.asyncDispose]());
