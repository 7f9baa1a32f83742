import { startDebianRegistry } from "../../registry/debian-registry.ts";
import { pushBases } from "./push.ts";

// Serves the base images until it is interrupted, for a server that was started separately: serve.ts [port].

const port = process.argv[2];
const registry = await startDebianRegistry(port === undefined ? {} : { port: Number(port) });
await pushBases(registry);
console.log(`Base images at ${registry.host}: VARVE_MIRRORS='{"docker.io":"${registry.url}"}'`);
process.once("SIGINT", () => registry[Symbol.asyncDispose]());
process.once("SIGTERM", () => registry[Symbol.asyncDispose]());
