import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { formatListingLine } from "../../src/rootfs/listing-line.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import { findRuntime, type RuntimeName } from "../../src/runner/sandbox/runtime.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { waitForRunners } from "../helpers/spawn-runner.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { requestContainer, TerminalClient, type Wanted } from "../helpers/terminal-client.ts";
import { archive, busyboxItems, type Item, unable } from "./workbench.ts";

const applets =
  "stty tty seq tr head dd df wc ps id awk yes find touch nc httpd printf test date cmp readlink".split(" ");
const items: Item[] = [
  ...busyboxItems(),
  ...applets
    .filter((name) => !busyboxItems().some(({ path }) => path === `bin/${name}`))
    .map((name): Item => ({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
  { path: "data", type: "dir", uid: 1000, gid: 100 },
  { path: "data/f", content: "seed\n" },
];
const dockerfile = `FROM scratch
ADD rootfs.tar /
ENV E=image PATH=/bin
COPY project /project
WORKDIR /w
ENTRYPOINT ["sh", "-c"]
CMD ["echo default $E $PWD"]
`;
const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => {
  try {
    findRuntime(name);
    return true;
  } catch {
    return false;
  }
});

/** A server with an image, and clients that start containers of it. Server, runner and runtime are real. */
export class ContainerSuite {
  readonly folder = suiteFolder();
  /** Digest of a context with the folder `project`. */
  context = "";
  #server: LocalServer | undefined;
  readonly #clients = new Set<TerminalClient>();

  constructor() {
    beforeAll(() => (unable ? undefined : this.#start()));
    afterAll(() => this.#server?.close());
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  async #start(): Promise<void> {
    this.#server = await startLocalServer({ port: 0, data: join(this.folder, "server") });
    const body = archive([
      { path: "Dockerfile", content: dockerfile },
      { path: "rootfs.tar", content: archive(items) },
      { path: "project", type: "dir" },
      { path: "project/page", content: "from the project\n" },
    ]);
    const answer = await fetch(`${this.url}/v1/builds?t=run-test`, { method: "POST", body });
    if (!answer.ok) throw new Error(await answer.text());
    this.context = await this.#sendContext({ "project/page": "from the project\n" });
  }

  /** Sends files of the project as a context of the image. Their contents are stored already. */
  async #sendContext(files: Record<string, string>): Promise<string> {
    const nodes = Object.entries(files).map(([path, text]): Node => {
      const digest = sha256(new TextEncoder().encode(text));
      return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: text.length, digest };
    });
    const directory: Node = { path: "project", type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
    const body = [directory, ...nodes].map((node) => `${formatListingLine(node)}\n`).join("");
    const answer = await fetch(`${this.url}/v1/contexts?scope=run-test`, { method: "POST", body });
    const state = (await answer.json()) as { digest: string; missing: string[] };
    expect(state.missing).toEqual([]);
    return state.digest;
  }

  /** Starts a runner for three containers, whose files are in the folder `name`. Resolves when the server knows it. */
  async startRunner(name: string, runtime?: RuntimeName): Promise<Runner> {
    const data = join(this.folder, name);
    const options = { server: this.url, token: "", data, capacity: 2, containers: 3, print: () => {} };
    const runner = await startRunner({ ...options, ...(runtime !== undefined && { runtime }) });
    await waitForRunners(this.url, 1);
    return runner;
  }

  /** The answer to a request for a container. */
  request(wanted: Wanted = {}): Promise<Response> {
    return requestContainer(this.url, "run-test", wanted);
  }

  async start(wanted: Wanted = {}): Promise<TerminalClient> {
    const client = await TerminalClient.start(this.url, "run-test", wanted);
    this.#clients.add(client);
    return client;
  }

  /** Output and exit code of a command. */
  async shell(script: string, wanted: Wanted = {}): Promise<[output: string, code: number]> {
    const client = await this.start({ entrypoint: "sh", command: ["-c", script], ...wanted });
    const code = await client.exit();
    return [client.text.replaceAll("\r\n", "\n"), code];
  }

  closeClients(): void {
    for (const client of this.#clients) client.close();
  }

  /** Executes tests with each runtime of this machine. */
  withRunner(tests: (runtime: RuntimeName) => void): void {
    describe.skipIf(unable).each(runtimes)("%s", (runtime) => {
      let runner: Runner;

      beforeAll(async () => {
        runner = await this.startRunner(runtime, runtime);
      });
      afterAll(async () => {
        this.closeClients();
        await runner.close(true);
      });

      tests(runtime);
    });
  }
}
