import { resolve } from "node:path";
import { startLocalServer } from "./local-server.ts";

const port = Number(process.env.PORT ?? 8787);
const data = resolve(process.env.VARVE_DATA ?? ".varve");
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`Cannot serve at port "${process.env.PORT}": PORT is a number from 0 to 65535`);
  process.exit(2);
}
try {
  const mirrors = process.env.VARVE_MIRRORS;
  const server = await startLocalServer({ port, data, variables: mirrors ? { VARVE_MIRRORS: mirrors } : {} });
  console.log(`varve is ready at ${server.url} (state in ${data})`);
  const stop = async () => {
    await server.close();
    process.exit(0);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(
    `Cannot serve at port ${port}: ${/EADDRINUSE|already in use/i.test(reason) ? "the port is in use; set PORT to another" : reason}`,
  );
  process.exit(1);
}
