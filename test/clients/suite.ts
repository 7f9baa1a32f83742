import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { tarOf } from "../../src/cli/demo/directory-tar.ts";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { readable } from "../../src/streams/readable.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";
import { archive, member } from "../tar/archive.ts";

const runFile = promisify(execFile);
const require = createRequire(import.meta.url);
/** A static program that runs from scratch: esbuild is a compiler and a web server. */
export const program = require.resolve(`@esbuild/linux-${process.arch}/bin/esbuild`);
export const example = join(import.meta.dirname, "../../examples/hello");

/** The version that esbuild in an image prints. */
export const esbuildVersion = async (): Promise<string> =>
  (JSON.parse(await readFile(require.resolve("esbuild/package.json"), "utf8")) as { version: string })
    .version;

export interface Built {
  digest: string;
  /** The manifest or index, byte by byte. */
  bytes: Uint8Array;
}

/** A varve server with an empty store, and a temporary folder. */
export class Suite implements AsyncDisposable {
  readonly #folder: TemporaryFolder;
  readonly #server: LocalServer;

  private constructor(folder: TemporaryFolder, server: LocalServer) {
    this.#folder = folder;
    this.#server = server;
  }

  /** @param variables settings of the server */
  static async start(variables: Record<string, string> = {}): Promise<Suite> {
    // Clients do not use the page.
    const folder = temporaryFolder({ "assets/index.html": "" });
    const [data, assets] = [join(folder.path, "varve"), join(folder.path, "assets")];
    const server = await startTestServer({ port: 0, data, assets, variables });
    return new Suite(folder, server);
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** As clients name it: `127.0.0.1:<port>`. */
  get host(): string {
    return `127.0.0.1:${new URL(this.#server.url).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Builds the example. */
  hello(query: Record<string, string>): Promise<Built> {
    const context = tarOf([{ folder: example }, { folder: dirname(program), at: "bin" }]);
    return this.#post(context, query);
  }

  /** Builds a Dockerfile with these files; the program is `esbuild` among them. */
  async build(files: Record<string, string>, query: Record<string, string>): Promise<Built> {
    const members = Object.entries(files).map(([path, text]) => member({ path }, text));
    const tool = member({ path: "esbuild", mode: 0o755 }, await readFile(program));
    const bytes = archive(...members, tool);
    return this.#post(singleChunk(bytes), query);
  }

  /** Runs a program in the folder and returns its output. Throws with its stderr when it fails. */
  run(program: string, ...args: string[]): Promise<string> {
    return this.runWith({}, program, ...args);
  }

  /** The same with variables of its environment. */
  async runWith(variables: Record<string, string>, program: string, ...args: string[]): Promise<string> {
    try {
      const env = { ...process.env, ...variables };
      const { stdout } = await runFile(program, args, { cwd: this.folder, env, maxBuffer: 2 ** 24 });
      return stdout;
    } catch (error) {
      const { stderr, stdout } = error as { stderr?: string; stdout?: string };
      throw new Error(`${program} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? error}`, { cause: error });
    }
  }

  /** Requests a path below `/v2/`. */
  ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}/v2/${path}`, init);
  }

  /** The body of a response of the registry. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Uint8Array> {
    const answer = await this.ask(path, { headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async json<T>(path: string): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.get(path))) as T;
  }

  async #post(context: AsyncIterable<Uint8Array>, query: Record<string, string>): Promise<Built> {
    const init = { method: "POST", body: readable(context), duplex: "half" };
    const answer = await fetch(`${this.url}/v1/builds?${new URLSearchParams(query)}`, init as RequestInit);
    if (!answer.ok) throw new Error(await answer.text());
    const digest = answer.headers.get("docker-content-digest") ?? "";
    return { digest, bytes: new Uint8Array(await answer.arrayBuffer()) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    // Unmount what clients mounted below the folder, so that only the folder's own files are deleted.
    await runFile("sh", ["-c", `grep -o '${this.folder}[^ ]*' /proc/mounts | sort -r | xargs -r umount`]);
    this.#folder[Symbol.dispose]();
  }
}

export interface Manifest {
  config: { digest: string };
  layers: { digest: string; size: number; mediaType: string }[];
}

export interface Config {
  architecture: string;
  os: string;
  config: {
    Entrypoint?: string[];
    Env?: string[];
    User?: string;
    WorkingDir?: string;
    Labels?: Record<string, string>;
  };
  rootfs: { diff_ids: string[] };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
