import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startLocalServer } from "../../src/cli/local-server.ts";

const runFile = promisify(execFile);

/** A server for clients, and a folder for what they do. */
export interface Workbench extends AsyncDisposable {
  /** As `127.0.0.1:8787`; clients use plain http for it. */
  host: string;
  folder: string;
  /** Runs a program in the folder and gives what it prints; throws with what it says of its failure. */
  run(program: string, ...args: string[]): Promise<string>;
  /** The same with variables of its environment. */
  runWith(variables: Record<string, string>, program: string, ...args: string[]): Promise<string>;
  /** Asks the server for a path below `/v2/`. */
  ask(path: string, init?: RequestInit): Promise<Response>;
}

export async function openWorkbench(): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), "varve-clients-"));
  const server = await startLocalServer({ port: 0, data: join(folder, "data") });
  const host = `127.0.0.1:${new URL(server.url).port}`;
  const runWith: Workbench["runWith"] = async (variables, program, ...args) => {
    try {
      const env = { ...process.env, ...variables };
      const { stdout } = await runFile(program, args, { cwd: folder, env, maxBuffer: 2 ** 24 });
      return stdout;
    } catch (error) {
      const { stderr, stdout } = error as { stderr?: string; stdout?: string };
      throw new Error(`${program} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? error}`, { cause: error });
    }
  };
  return {
    host,
    folder,
    run: (program, ...args) => runWith({}, program, ...args),
    runWith,
    ask: (path, init) => fetch(`http://${host}/v2/${path}`, init),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
