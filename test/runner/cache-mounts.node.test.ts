import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { Service } from "../../src/client/service.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { busyboxContext } from "../helpers/busybox-context.ts";
import { spawnRunner, waitForRunners } from "../helpers/spawn-runner.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { patient, unable } from "./workbench.ts";

const folder = suiteFolder();

let server: LocalServer;
const assets = join(folder, "assets");
let machines: Runner[] = [];
let count = 0;

async function newMachine(): Promise<Runner> {
  const data = join(folder, `machine-${count++}`);
  const machine = await startRunner({
    server: server.url,
    token: "",
    data,
    capacity: 2,
    print: (text) => printed.push(text),
  });
  machines.push(machine);
  return machine;
}

/** Messages of runners to their operators. */
let printed: string[] = [];

async function leave(machine: Runner): Promise<void> {
  machines = machines.filter((other) => other !== machine);
  await machine.close();
}

/** Builds with busybox and returns the log. @throws {Error} when the build fails */
async function run(command: string, tag = "caches", mount = "id=c,target=/c"): Promise<string> {
  const context = busyboxContext([
    "COPY busybox /bin/busybox",
    // Makes each step unique.
    `RUN --mount=type=cache,${mount} : ${randomUUID()}; export PATH=/bin; busybox --install -s /bin; ${command}`,
  ]);
  const { events } = await new Service(server.url).build({
    context,
    options: { tags: [tag] },
  });
  let log = "";
  let last: BuildEvent | undefined;
  for await (const event of events) {
    if (event.type === "step.log") log += event.text;
    last = event;
  }
  if (last?.type !== "result") throw new Error(JSON.stringify(last));
  return log;
}

/** Bytes that the server stores, without its databases and the space that it reserves. */
async function keptBytes(): Promise<number> {
  const entries = await readdir(join(folder, "server"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/sqlite|^reserve$/.test(entry.name));
  const sizes = await Promise.all(files.map((file) => stat(join(file.parentPath, file.name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

async function restart(variables: Record<string, string> = {}): Promise<void> {
  await mkdir(assets, { recursive: true });
  await server?.close();
  server = await startLocalServer({ port: 0, data: join(folder, "server"), assets, variables });
}

describe.skipIf(unable)("the contents of a cache mount", patient, () => {
  beforeAll(() => restart());
  afterEach(async () => {
    for (const machine of machines) await machine.close(true);
    machines = [];
    printed = [];
  });
  afterAll(async () => {
    await server.close();
  });

  it("are restored on the next machine: owners, modes, links, times and any names", async () => {
    const first = await newMachine();
    await run(
      [
        "mkdir -p /c/d && echo text > /c/d/f && chown 1000:100 /c/d/f && chmod 4751 /c/d/f",
        "ln -s d/f /c/link && ln /c/d/f /c/hard && mkfifo /c/pipe && chmod 1777 /c/d",
        "touch -d '2001-02-03 04:05:06' /c/d/f && printf x > \"/c/$(printf 'a\\377\\nb')\"",
      ].join(" && "),
    );
    await leave(first);
    await newMachine();
    const log = await run(
      "cd /c; stat -c '%n %a %u %g %h %Y' d/f d; readlink link; cat hard; stat -c %F pipe; [ -f \"$(printf 'a\\377\\nb')\" ] && echo named",
    );
    expect(log).toBe(
      "d/f 4751 1000 100 2 981173106\nd 1777 0 0 2 ".concat(
        `${/d 1777 0 0 2 (\d+)/.exec(log)?.[1]}\nd/f\ntext\nfifo\nnamed\n`,
      ),
    );
    // No messages but that they are connected.
    const connected = `Connected: this machine executes steps for ${server.url}`;
    expect(printed).toEqual([connected, connected]);
  });

  it("are sent only as far as they changed", async () => {
    const first = await newMachine();
    await run("head -c 20000000 /dev/urandom > /c/large; echo 1 > /c/small", "large");
    await leave(first);
    const before = await keptBytes();
    const second = await newMachine();
    expect(await run("cat /c/small; echo 2 > /c/small; wc -c < /c/large", "large")).toBe("1\n20000000\n");
    await leave(second);
    const grown = (await keptBytes()) - before;
    expect(grown).toBeGreaterThan(0);
    expect(grown).toBeLessThan(3_000_000);
    await newMachine();
    expect(await run("cat /c/small; wc -c < /c/large", "large")).toBe("2\n20000000\n");
  });

  it("are neither fetched nor sent again when nothing changed", async () => {
    const machine = await newMachine();
    await run("echo 1 > /c/f", "same");
    await leave(machine);
    const path = join(folder, `machine-${count - 1}`, "caches");
    const [cache = ""] = (await readdir(path)).filter((name) => /-0$/.test(name));
    const { ino } = await stat(join(path, cache));
    const origin = await readFile(join(path, `${cache}.origin`), "utf8");
    count--;
    const again = await newMachine();
    expect(await run("cat /c/f", "same")).toBe("1\n");
    await leave(again);
    // A fetched state has a new folder, and a saved one has a new generation.
    expect((await stat(join(path, cache))).ino).toBe(ino);
    expect(await readFile(join(path, `${cache}.origin`), "utf8")).toBe(origin);
  });

  it("belong to the repository of the build", async () => {
    const machine = await newMachine();
    await run("echo mine > /c/f", "mine");
    await leave(machine);
    await newMachine();
    expect(await run("ls /c", "theirs")).toBe("");
  });

  it("are those of the last complete state when a machine disappears", async () => {
    const first = await newMachine();
    await run("echo whole > /c/f", "vanish");
    await leave(first);
    const lost = await startApart();
    const building = run("echo torn > /c/f; sleep 3; cat /c/f; echo again > /c/g", "vanish");
    // The step is running.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    lost.kill("SIGKILL");
    await once(lost, "exit");
    const second = await newMachine();
    expect(await building).toBe("The runner was lost. The step starts again on another one.\ntorn\n");
    await leave(second);
    await newMachine();
    expect(await run("cat /c/f /c/g", "vanish")).toBe("torn\nagain\n");
  });

  it("are kept when the step that changed them failed", async () => {
    const machine = await newMachine();
    await expect(run("echo kept > /c/f; exit 3", "fails")).rejects.toThrow("exit code: 3");
    await leave(machine);
    await newMachine();
    expect(await run("cat /c/f", "fails")).toBe("kept\n");
  });

  it("belong to one step at a time with sharing=locked, on all machines", async () => {
    const command = (name: string) =>
      `[ ! -e /c/held ] || echo overlap; touch /c/held; sleep 1; rm /c/held; echo ${name} >> /c/log; cat /c/log`;
    const machines = [await newMachine(), await newMachine()];
    const mount = "id=l,target=/c,sharing=locked";
    const logs = await Promise.all(
      ["one", "two", "three"].map((name) => run(command(name), "locked", mount)),
    );
    expect(logs.join("")).not.toContain("overlap");
    expect(logs.map((log) => log.split("\n").length).sort()).toEqual([2, 3, 4]);
    for (const machine of machines) await leave(machine);
  });

  it("exist several times with sharing=private", async () => {
    await newMachine();
    await newMachine();
    const mount = "id=p,target=/c,sharing=private";
    const logs = await Promise.all(
      ["one", "two"].map((name) => run(`echo ${name} >> /c/log; sleep 1; cat /c/log`, "private", mount)),
    );
    expect(logs.sort()).toEqual(["one\n", "two\n"]);
  });

  it("stay on their machine when they are too large, or when the server keeps none", {
    timeout: 90_000,
  }, async () => {
    await restart({ VARVE_CACHE_MOUNT_BYTES: "100000" });
    const first = await newMachine();
    await run("head -c 300000 /dev/urandom > /c/f; echo 1 > /c/n", "limit");
    expect(await run("cat /c/n", "limit")).toBe("1\n");
    await leave(first);
    expect(printed.join()).toContain(
      "Cannot save a cache mount: a cache mount has more than the 100000 bytes",
    );
    await newMachine();
    expect(await run("ls /c", "limit")).toBe("");
    for (const machine of machines) await leave(machine);

    await restart({ VARVE_CACHE_MOUNT_BYTES: "0" });
    const second = await newMachine();
    await run("echo 1 > /c/n", "off");
    expect(await run("cat /c/n", "off")).toBe("1\n");
    await leave(second);
    await newMachine();
    expect(await run("ls /c", "off")).toBe("");
  });
});

/** A runner that can be killed. */
async function startApart(): Promise<ChildProcess> {
  const child = spawnRunner(server.url, { data: join(folder, `machine-${count++}`) });
  await waitForRunners(server.url, 1);
  return child;
}
