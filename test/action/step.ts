import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** Folder of the files that GitHub starts. */
const dist = join(import.meta.dirname, "../../dist");

/** Files that GitHub gives to a step, by the variables that name them. */
const files = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"] as const;

export interface StepRun {
  status: number | null;
  /** The output of a step, in which GitHub reads commands. */
  log: string;
  outputs: Record<string, string>;
  state: Record<string, string>;
  summary: string;
  /** Commands of the log, as GitHub would understand them. */
  commands: Command[];
}

export interface Command {
  name: string;
  properties: Record<string, string>;
  message: string;
}

export interface StepOptions {
  /** Folder in which the step runs. */
  workspace: string;
  env?: Record<string, string>;
  umask?: number;
  /** Another user; only root can be another. */
  uid?: number;
  /** The file of the action (default: `index.mjs`). */
  program?: string;
}

/** A step of a job on this machine: runs the shipped bundle with the inputs and files that GitHub would pass. */
export class Step {
  readonly #inputs: Record<string, string>;
  readonly #options: StepOptions;
  #state: Record<string, string> = {};

  constructor(inputs: Record<string, string>, options: StepOptions) {
    this.#inputs = inputs;
    this.#options = options;
  }

  main(): Promise<StepRun> {
    return this.start().ended;
  }

  /** What GitHub does when the job ends. */
  post(): Promise<StepRun> {
    return this.main();
  }

  start(): { pid: number; ended: Promise<StepRun>; log: () => string } {
    const temporary = temporaryFolder();
    const folder = temporary.path;
    chmodSync(folder, 0o755);
    for (const name of files) {
      writeFileSync(join(folder, name), "");
      chmodSync(join(folder, name), 0o666);
    }
    const { workspace, env = {}, umask = 0o022, uid, program = "index.mjs" } = this.#options;
    // A shell would drop variables with hyphens in their names.
    const ownUmask = process.umask(umask);
    const child = spawn(process.execPath, [join(dist, program)], {
      cwd: workspace,
      ...(uid !== undefined && { uid, gid: uid }),
      env: {
        PATH: process.env.PATH,
        HOME: join(folder, "home"),
        GITHUB_WORKSPACE: workspace,
        ...Object.fromEntries(files.map((name) => [name, join(folder, name)])),
        ...Object.fromEntries(
          Object.entries(this.#inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
        ...Object.fromEntries(Object.entries(this.#state).map(([name, value]) => [`STATE_${name}`, value])),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.umask(ownUmask);
    let log = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
    }
    const ended = once(child, "close").then(([status]): StepRun => {
      const read = (name: (typeof files)[number]) => readFileSync(join(folder, name), "utf8");
      const state = assignments(read("GITHUB_STATE"));
      this.#state = { ...this.#state, ...state };
      const run = {
        status,
        log,
        outputs: assignments(read("GITHUB_OUTPUT")),
        state,
        summary: read("GITHUB_STEP_SUMMARY"),
        commands: commandsIn(log),
      };
      temporary[Symbol.dispose]();
      return run;
    });
    return { pid: child.pid as number, ended, log: () => log };
  }
}

/** Reads `NAME<<END`, as GitHub does. */
function assignments(text: string): Record<string, string> {
  const found = text.matchAll(/^([^\n=<]+)<<([^\n]+)\n(?:([\s\S]*?)\n)?\2\n/gm);
  return Object.fromEntries([...found].map(([, name, , value = ""]) => [name, value]));
}

/** Commands of a log, except those between `stop-commands` and its token. */
function commandsIn(log: string): Command[] {
  const commands: Command[] = [];
  let stopped: string | undefined;
  for (const line of log.split("\n")) {
    const [all, name = "", properties = "", message = ""] =
      /^\s*::([\w-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/.exec(line) ?? [];
    if (stopped !== undefined) {
      if (line.trim() === `::${stopped}::`) stopped = undefined;
      continue;
    }
    if (all === undefined) continue;
    if (name === "stop-commands") stopped = message;
    else commands.push({ name, message: decode(message), properties: propertiesIn(properties) });
  }
  return commands;
}

function propertiesIn(text: string): Record<string, string> {
  const pairs = text.split(",").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), decode(pair.slice(pair.indexOf("=") + 1))]),
  );
}

function decode(text: string): string {
  return text
    .replaceAll("%2C", ",")
    .replaceAll("%3A", ":")
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%25", "%");
}
