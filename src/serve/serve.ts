import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { Problem } from "../../schemas/problem.ts";
import { CommandError, UsageError } from "../command/command-error.ts";
import { readStepSettings } from "../command/flags/step-flags.ts";
import { parseRealms } from "../registry/realm.ts";
import { parseMirrors } from "../registry/remote/endpoint.ts";
import { startLocalRunner } from "./local-runner.ts";
import { startLocalServer } from "./local-server.ts";

/** Settings that the Worker reads. */
const passedOn = [
  "VARVE_ADMIN_TOKEN",
  "VARVE_ACCESS",
  "VARVE_POOLS",
  "VARVE_RUNNER_WAIT",
  "VARVE_RUN_TIMEOUT",
  "VARVE_CACHE_MOUNT_BYTES",
  "VARVE_METRICS_TOKEN",
  "VARVE_LOG",
] as const;

const port = readPort(process.env.PORT);
const data = resolve(process.env.VARVE_DATA || ".varve");
const mirrors = readSetting(parseMirrors, process.env.VARVE_MIRRORS);
const realms = readSetting(parseRealms, process.env.VARVE_REALMS);
const steps = readSteps();
// A server with an admin token also requires a credential from its own runner.
const runnerToken = process.env.VARVE_RUNNER_TOKEN || (process.env.VARVE_ADMIN_TOKEN ? randomUUID() : "");
try {
  const server = await startLocalServer({
    port,
    data,
    variables: {
      VARVE_MIRRORS: JSON.stringify(mirrors),
      VARVE_REALMS: JSON.stringify(realms),
      VARVE_RUNNER_TOKEN: runnerToken,
      ...Object.fromEntries(
        passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
      ),
    },
  });
  await requireUsable(server.url);
  const runner = await startLocalRunner({
    server: server.url,
    token: runnerToken,
    data: join(data, "runner"),
    steps,
    report: server.reportRunner,
  });
  const stop = async () => {
    await runner.close();
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) {
    // The runtime's own listener would end the process before the server is closed.
    process.removeAllListeners(signal).once(signal, stop);
  }
  // From here on, signals stop the server.
  console.log(`varve is ready at ${server.url} (state in ${data}; RUN: ${runner.words})`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  console.error(
    error instanceof CommandError
      ? `Cannot serve: ${reason}`
      : `Cannot serve at port ${port}: ${isTaken ? "the port is in use; set PORT to another" : reason}`,
  );
  process.exit(1);
}

/** Reports unusable settings at the start, not in every answer. */
async function requireUsable(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/access`);
  const { code, detail } = (await answer.json()) as Problem;
  if (code !== "settings-invalid") return;
  console.error(detail);
  process.exit(2);
}

function readPort(setting: string | undefined): number {
  const port = setting ? Number(setting) : 8787;
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  console.error(`Cannot serve at port "${setting}": PORT is a number from 0 to 65535`);
  process.exit(2);
}

function readSteps() {
  try {
    return readStepSettings({}, process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

function readSetting<T>(parse: (setting: string | undefined) => T, setting: string | undefined): T {
  try {
    return parse(setting);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
