import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { fileReason } from "../runner/files/file-reason.ts";
import type { Keyring } from "../runner/sandbox/keyring.ts";
import { MachineError } from "./machine-error.ts";
import type { SecretSource, SshSource } from "./secret-flags.ts";

/** BuildKit's limit of a secret, in bytes. */
const MAX_SECRET = 500 * 1024;

/** The secrets and agents that a command declares: files, variables and sockets of this machine. */
export class LocalKeyring implements Keyring {
  readonly #secrets: readonly SecretSource[];
  readonly #ssh: readonly SshSource[];
  readonly #environment: Record<string, string | undefined>;
  readonly #agents = new Map<string, Promise<OwnAgent>>();

  constructor(
    secrets: readonly SecretSource[],
    ssh: readonly SshSource[],
    environment: Record<string, string | undefined> = process.env,
  ) {
    this.#secrets = secrets;
    this.#ssh = ssh;
    this.#environment = environment;
  }

  get secretIds(): string[] {
    return [...new Set(this.#secrets.map(({ id }) => id))];
  }

  get sshIds(): string[] {
    return [...new Set(this.#ssh.map(({ id }) => id))];
  }

  /**
   * Checks everything before a step needs it: files exist and are not too large, agents are declared.
   * @throws {MachineError}
   */
  check(): void {
    for (const source of this.#secrets) {
      const { env, file } = this.#placeOf(source);
      if (file === undefined || env !== undefined) continue;
      const { size } = statOf(file);
      if (size > MAX_SECRET) throw tooLarge(source.id);
    }
    for (const source of this.#ssh) this.#pathsOf(source);
  }

  async secret(id: string): Promise<Uint8Array> {
    // As in docker, the last secret of a name counts.
    const source = this.#secrets.findLast((secret) => secret.id === id);
    if (source === undefined) throw new MachineError(`secret ${id}: not found`);
    const { env, file } = this.#placeOf(source);
    const value =
      env !== undefined ? Buffer.from(this.#environment[env] ?? "") : await readFile(file as string);
    if (value.length > MAX_SECRET) throw tooLarge(id);
    return value;
  }

  async agent(id: string): Promise<string> {
    const source = this.#ssh.findLast((ssh) => ssh.id === id);
    if (source === undefined) throw new MachineError(`unset ssh forward key ${id}`);
    const paths = this.#pathsOf(source);
    const [first = ""] = paths;
    if (paths.length === 1 && statOf(first).isSocket()) return first;
    let own = this.#agents.get(id);
    if (own === undefined) {
      own = OwnAgent.start(paths);
      this.#agents.set(id, own);
    }
    return (await own).socket;
  }

  /** Stops the agents that were started for keys. */
  async close(): Promise<void> {
    for (const agent of this.#agents.values()) await (await agent.catch(() => undefined))?.close();
    this.#agents.clear();
  }

  /** Without a source, a secret is read from the variable of its name, or else from such a file. */
  #placeOf({ id, env, file }: SecretSource): { env?: string; file?: string } {
    if (env !== undefined) return { env };
    if (file !== undefined) return { file };
    return this.#environment[id] === undefined ? { file: id } : { env: id };
  }

  #pathsOf({ paths }: SshSource): string[] {
    if (paths.length > 0) {
      for (const path of paths) statOf(path);
      return paths;
    }
    const socket = this.#environment.SSH_AUTH_SOCK;
    if (socket) return [socket];
    throw new MachineError("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set");
  }
}

/** An ssh agent with only the keys of some files. */
class OwnAgent {
  readonly socket: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, socket: string, process: ChildProcess) {
    this.#folder = folder;
    this.socket = socket;
    this.#process = process;
  }

  /** @throws {MachineError} when the programs are missing or a key is unreadable */
  static async start(keys: readonly string[]): Promise<OwnAgent> {
    const folder = await mkdtemp(join(tmpdir(), "varve-agent-"));
    const socket = join(folder, "agent");
    const process_ = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    const agent = new OwnAgent(folder, socket, process_);
    let reason = "";
    process_.once("error", (error) => {
      reason = error.message;
    });
    try {
      for (let waited = 0; !existsSync(socket); waited += 20) {
        if (reason !== "" || waited > 5000) throw new MachineError(`Cannot start ssh-agent: ${reason}`);
        await sleep(20);
      }
      // Disable the prompt for the passphrase of a key, which nothing can answer.
      const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: "never" };
      for (const key of keys) await promisify(execFile)("ssh-add", ["-q", key], { env });
      return agent;
    } catch (cause) {
      await agent.close();
      if (cause instanceof MachineError) throw cause;
      const { stderr, message } = cause as Error & { stderr?: string };
      throw new MachineError(`Cannot use the ssh keys: ${(stderr || message).trim()}`, { cause });
    }
  }

  async close(): Promise<void> {
    this.#process.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (cause) {
    throw new MachineError(`failed to stat ${path}: ${fileReason(cause)}`, { cause });
  }
}

function tooLarge(id: string): MachineError {
  return new MachineError(`secret ${id} is too large: at most ${MAX_SECRET} bytes`);
}
