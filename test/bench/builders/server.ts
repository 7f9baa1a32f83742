import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { ControlGroup } from "../machine/control-group.ts";
import { startService, stopService } from "../machine/program.ts";
import { type Traffic, TrafficCounter } from "../machine/traffic.ts";

const root = join(import.meta.dirname, "../../..");

export interface ServerOptions {
  /** URL of the registry that replaces Docker Hub. */
  hub?: string;
  env?: Readonly<Record<string, string>>;
  /** Path of the program, from the root of the repository. Default: that of `npm start`. */
  program?: string;
}

/** A varve server with an empty state. */
export interface Server extends AsyncDisposable {
  url: string;
  /** Server and runner. */
  group: ControlGroup;
  traffic(): Traffic;
  /** Sum of the peak resident memory of the server's processes, in bytes; runners do not count. */
  peakMemory(): Promise<number>;
}

let started = 0;

/** Starts the same as `npm start`, on a free port. Resolves when the server and its runner are ready. */
export async function startServer({
  hub,
  env = {},
  program = "src/serve/serve.ts",
}: ServerOptions = {}): Promise<Server> {
  started += 1;
  await using parts = new AsyncDisposableStack();
  const data = parts.use(temporaryFolder()).path;
  const group = parts.use(new ControlGroup(`varve-bench-${process.pid}-server-${started}`));
  const { child, line } = await startService(process.execPath, [join(root, program)], /^varve is ready at /, {
    cwd: root,
    env: {
      PORT: "0",
      VARVE_DATA: data,
      ...(hub !== undefined && { VARVE_MIRRORS: JSON.stringify({ "docker.io": hub }) }),
      ...env,
    },
    group,
  });
  parts.defer(() => stopService(child));
  const port = Number(/:(\d+)/.exec(line)?.[1]);
  const traffic = parts.use(new TrafficCounter(port));
  const stop = parts.move();
  return {
    url: `http://127.0.0.1:${port}`,
    group,
    traffic: () => traffic.read(),
    peakMemory: () => peakMemory(group),
    [Symbol.asyncDispose]: () => stop[Symbol.asyncDispose](),
  };
}

async function peakMemory(group: ControlGroup): Promise<number> {
  const peaks = await Promise.all(
    group.processes().map(async (id) => {
      const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      if (command.includes("runner-program")) return 0;
      const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    }),
  );
  return peaks.reduce((sum, peak) => sum + peak, 0);
}
