import { spawn } from "node:child_process";

/** A program of the machine failed. @param output of its standard error */
function programFailed(program: string, how: string, output: string): Error {
  const reason = output.trim();
  return new Error(`${program} ${how}${reason === "" ? "" : `: ${reason}`}`);
}

/** Characters that are kept of the end of a program's standard error. */
const STDERR_CHARACTERS = 4096;

/** Appended to PATH: a user's PATH may lack the programs of administrators. */
const SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Environment of programs: their messages are in English, and names are bytes. */
export const plainEnvironment = {
  PATH: process.env.PATH ? `${process.env.PATH}:${SYSTEM_PATH}` : SYSTEM_PATH,
  LC_ALL: "C",
};

/**
 * Runs a program until it exits. Writes `input` to its standard input and passes its standard output to `output`.
 * @throws {Error} when the program cannot be started or does not exit with 0
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: {
    input?: AsyncIterable<Uint8Array>;
    output?: (stdout: AsyncIterable<Uint8Array>) => Promise<void>;
    signal?: AbortSignal;
    cwd?: string;
  } = {},
): Promise<void> {
  const { input, output, signal, cwd } = options;
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    stdio: [input === undefined ? "ignore" : "pipe", output === undefined ? "ignore" : "pipe", "pipe"],
    env: plainEnvironment,
    ...(cwd !== undefined && { cwd }),
  });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (error) => reject(programFailed(program, "cannot be started", error.message)));
    child.once("close", (code, name) => {
      if (code === 0) resolve();
      else
        reject(
          programFailed(program, code === null ? `was ended by ${name}` : `exited with ${code}`, stderr),
        );
    });
  });
  ended.catch(() => {});
  try {
    const work: Promise<unknown>[] = [];
    if (input !== undefined && child.stdin !== null) work.push(feed(input, child.stdin));
    if (output !== undefined && child.stdout !== null) work.push(output(child.stdout));
    const failures = (await Promise.allSettled(work)).filter((result) => result.status === "rejected");
    const [failure] = failures;
    if (failure !== undefined) {
      kill();
      await ended.catch(() => {});
      throw failure.reason;
    }
    await ended;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
  signal?.throwIfAborted();
}

/** Writes all input. Stops without an error when the program closes its input: its exit status has the reason. */
async function feed(input: AsyncIterable<Uint8Array>, stdin: NodeJS.WritableStream): Promise<void> {
  let broken = false;
  stdin.on("error", () => {
    broken = true;
  });
  for await (const chunk of input) {
    if (broken) return;
    if (!stdin.write(chunk)) {
      await new Promise<void>((resolve) => {
        const done = () => {
          stdin.off("drain", done).off("close", done).off("error", done);
          resolve();
        };
        stdin.on("drain", done).on("close", done).on("error", done);
      });
    }
  }
  stdin.end();
}
