import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { spawnRunner } from "../helpers/spawn-runner.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { patient, unable } from "./workbench.ts";

// `varve runner` with servers that accept it, reject it or are unreachable.

const folder = temporaryFolder({ "assets/index.html": "" });
const token = "the-token-of-the-operator";

let started = 0;
const admin = { VARVE_ADMIN_TOKEN: "the-token-of-the-admin" };

function serve(expected: string, port = 0, others: Record<string, string> = admin): Promise<LocalServer> {
  const place = (name: string) => join(folder.path, name);
  const variables = { VARVE_RUNNER_TOKEN: expected, ...others };
  return startLocalServer({ port, data: place(`server-${started++}`), assets: place("assets"), variables });
}

/** Messages and exit code of the command. */
function runner(server: string, ...args: string[]) {
  const data = join(folder.path, "runner");
  const child = spawnRunner(server, {
    data,
    flags: args,
    env: { ...process.env, VARVE_RUNNER_TOKEN: "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  return {
    prints: (text: string) => expect.poll(() => printed, { timeout: 20_000 }).toContain(text),
    stop: () => child.kill("SIGTERM"),
    code: async () => (await ended)[0],
    printed: () => printed,
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

describe.skipIf(unable)("varve runner", patient, () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await serve(token);
  });
  afterAll(async () => {
    await server.close();
    folder[Symbol.dispose]();
  });

  it.each([
    [["--token", "another"], "its token does not grant run"],
    [[], "it sent no token"],
  ])("ends when the server rejects it: %j", async (args, reason) => {
    using refused = runner(server.url, ...args);
    expect(await refused.code()).toBe(3);
    expect(refused.printed()).toBe(
      `ERROR: Cannot connect the runner: ${reason}\nHINT: Start it with --token and a token that grants run, or the value of VARVE_RUNNER_TOKEN.\n`,
    );
  });

  it("needs the server's token, also from the same machine", async () => {
    const open = await serve(token, 0, {});
    using refused = runner(open.url, "--token", "another");
    expect(await refused.code()).toBe(3);
    using silent = runner(open.url);
    expect(await silent.code()).toBe(3);
    using taken = runner(open.url, "--token", token);
    await taken.prints("executes steps");
    taken.stop();
    expect(await taken.code()).toBe(0);
    await open.close();
  });

  it("ends when the server is not varve", async () => {
    await using other = await serveLoopback((_, response) =>
      response.writeHead(404, { "content-type": "text/html" }).end("<html>nothing</html>"),
    );
    using lost = runner(other.origin);
    expect(await lost.code()).toBe(1);
    expect(lost.printed()).toBe(
      "ERROR: The server at this address is not a varve server: it answered with status 404\nHINT: Check the address in --server or VARVE_SERVER.\n",
    );
  });

  it("retries a server that is unreachable or failing, and reconnects", async () => {
    const broken = await serveLoopback((_, response) => response.writeHead(503).end());
    const { port } = new URL(broken.origin);
    const url = `http://localhost:${port}`;
    using patientOne = runner(url, "--token", token);
    await patientOne.prints(`Cannot connect to ${url}: the server answered with status 503. Retrying.\n`);
    await broken[Symbol.asyncDispose]();
    const first = await serve(token, Number(port));
    await patientOne.prints(`Connected: this machine executes steps for ${url}\n`);
    await first.close();
    await patientOne.prints(`Lost the connection to ${url}: `);
    await patientOne.prints(`Cannot connect to ${url}: connect ECONNREFUSED 127.0.0.1:${port}. Retrying.\n`);
    const second = await serve(token, Number(port));
    await expect.poll(() => patientOne.printed().split("executes steps").length, { timeout: 20_000 }).toBe(3);
    patientOne.stop();
    expect(await patientOne.code()).toBe(0);
    await second.close();
  });

  it("ends when the server rejects it after a reconnect", async () => {
    const first = await serve(token);
    const { port } = new URL(first.url);
    using dismissed = runner(first.url, "--token", token);
    await dismissed.prints("executes steps");
    await first.close();
    const second = await serve("another-token", Number(port));
    expect(await dismissed.code()).toBe(3);
    await second.close();
  });
});
