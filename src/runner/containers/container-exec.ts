import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { plainEnvironment } from "../command.ts";
import type { Host } from "../sandbox/launch.ts";
import { runtimeProgram } from "../sandbox/runtime.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** A running container of crun or runc, in the sandbox in which it was started. */
interface ExecTarget {
  id: string;
  sandbox: Sandbox;
  /** Its folder in memory, as inside the sandbox. */
  bundle: string;
  hasGroups: boolean;
}

/** Bytes of output that are passed on. */
const MAX_OUTPUT = 1024 * 1024;
/** docker's exit code for a command that cannot be executed. */
const CANNOT_EXECUTE = 126;

let last = 0;

/**
 * Executes a further process in a container: as its user, in its environment and control group, with its capabilities and
 * its filter of system calls, and without input. It ends with the container.
 * @returns the exit code
 */
export async function execInContainer(
  { id, sandbox, bundle, hasGroups }: ExecTarget,
  { runtime, method }: Pick<Host, "runtime" | "method">,
  command: readonly string[],
  output: (text: string) => void,
): Promise<number> {
  const { pid } = sandbox;
  if (runtime.name === "unshare") {
    output("exec: the runner has neither crun nor runc\n");
    return CANNOT_EXECUTE;
  }
  if (pid === undefined) {
    output("exec: the container is not running\n");
    return CANNOT_EXECUTE;
  }
  const file = `exec-${++last}.json`;
  const memory = `${sandbox.inside}/memory`;
  const { process: main } = JSON.parse(readFileSync(`${memory}/config.json`, "utf8")) as { process: object };
  const { consoleSize: _, ...shared } = main as { consoleSize?: object };
  writeFileSync(`${memory}/${file}`, JSON.stringify({ ...shared, args: command, terminal: false }), {
    mode: 0o600,
  });
  const enter = ["--target", String(pid), "--mount", "--pid", ...(method.userNamespace ? ["--user"] : [])];
  const words = [
    ...runtimeProgram(runtime, { bundle, hasGroups }),
    "exec",
    "--process",
    `${bundle}/${file}`,
    id,
  ];
  const child = spawn("nsenter", [...enter, "--", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: plainEnvironment,
  });
  let bytes = 0;
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new TextDecoder();
    stream.on("data", (chunk: Buffer) => {
      const rest = MAX_OUTPUT - bytes;
      bytes += chunk.length;
      if (rest > 0) output(decoder.decode(chunk.subarray(0, rest), { stream: true }));
    });
  }
  return await new Promise((resolve) => {
    child.once("error", () => resolve(CANNOT_EXECUTE));
    child.once("close", (code) => resolve(code ?? 137));
  });
}
