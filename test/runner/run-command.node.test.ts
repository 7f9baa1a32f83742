import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { alike } from "./docker-run-cases.ts";
import { archive, busyboxItems, type Item, patient, unable } from "./workbench.ts";

// Compares `varve run` with `docker run`, with the same image from the same server.

const program = join(import.meta.dirname, "../../src/cli/varve.ts");
const folder = suiteFolder();
const data = join(folder, "data");
const hasDocker = spawnSync("docker", ["info"]).status === 0;
if (!hasDocker && process.env.CI === "true") throw new Error("Docker is not running");
let server: LocalServer;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function run(command: string, args: readonly string[], input = ""): Promise<Ended> {
  const env = {
    ...process.env,
    VARVE_SERVER: server.url,
    XDG_DATA_HOME: data,
    XDG_CACHE_HOME: data,
    GIVEN: "from outside",
  };
  const child = spawn(command, args, { env });
  // A container that reads no input may end before it is written.
  child.stdin.on("error", () => {}).end(input);
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.setEncoding("utf8").toArray());
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: ((await stdout) ?? []).join(""), stderr: ((await stderr) ?? []).join("") };
}

function varve(args: readonly string[], input?: string): Promise<Ended> {
  return run(process.execPath, [program, "run", ...args], input);
}

function docker(args: readonly string[], input?: string): Promise<Ended> {
  return run("docker", ["run", "--rm", ...args], input);
}

const applets = "env sort tty stty cut seq tr timeout".split(" ");
const items: Item[] = [
  ...busyboxItems(),
  ...applets.map((name): Item => ({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
  { path: "data", type: "dir", uid: 1000, gid: 100, mode: 0o2770 },
  { path: "data/f", content: "seed\n", uid: 1000, gid: 100, mode: 0o640 },
  { path: "data/l", type: "symlink", linkname: "f", uid: 1000, gid: 100 },
  { path: "data/sub", type: "dir", uid: 7, gid: 8, mode: 0o1777 },
  { path: "other", type: "dir", uid: 5, gid: 6, mode: 0o711 },
  { path: "other/g", content: "other\n" },
  { path: "not-executable" },
];
const dockerfile = `FROM scratch
ADD rootfs.tar /
ENV E=image PATH=/bin
VOLUME /data
WORKDIR /w
CMD ["sh", "-c", "echo default $E $PWD"]
`;

beforeAll(async () => {
  if (unable) return;
  server = await startLocalServer({ port: 0, data: join(folder, "server") });
  const context = archive([
    { path: "Dockerfile", content: dockerfile },
    { path: "rootfs.tar", content: archive(items) },
  ]);
  const answer = await fetch(`${server.url}/v1/builds?t=run-test`, { method: "POST", body: context });
  if (!answer.ok) throw new Error(await answer.text());
  if (hasDocker) {
    const name = `${new URL(server.url).host}/run-test`;
    execFileSync("docker", ["pull", "--quiet", name]);
    execFileSync("docker", ["tag", name, "run-test"]);
  }
});

afterAll(async () => {
  await server?.close();
  if (hasDocker) spawnSync("docker", ["image", "rm", "--force", "run-test"]);
});

/** Default working directory of `varve run`. */
function inNetwork(args: readonly string[]): string[] {
  return args.includes("--network") ? [] : ["--network", "host"];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe.skipIf(unable)("varve run", patient, () => {
  beforeAll(async () => {
    await mkdir(join(folder, "files"), { recursive: true });
    await writeFile(join(folder, "files/shown"), "shown\n");
    await writeFile(join(folder, "files/env"), "# comment\nA=1\n  B=1\nGIVEN\nABSENT\nC= x \n");
    await writeFile(join(folder, "files/bad-env"), "A B=1\n");
  });

  it.skipIf(!hasDocker).each(alike)("does what docker run does with %s", async (_what, words, input) => {
    const args = words.map((word) => word.replace("$files", join(folder, "files")));
    const theirs = () => docker([...inNetwork(args), ...args], input);
    const [first, ours] = await Promise.all([theirs(), varve(args, input)]);
    // Docker sometimes loses the output of a container that ends at once.
    const { code, stdout } = first.stdout === "" ? await theirs() : first;
    expect({ code: ours.code, stdout: ours.stdout }).toEqual({ code, stdout });
  });

  it("keeps nothing of a container", async () => {
    await varve(["run-test", "sh", "-c", "echo x > /new; echo x > /data/new"]);
    const { stdout } = await varve(["run-test", "sh", "-c", "ls /new; ls /data/new"]);
    expect(stdout).toBe("");
    expect(await readdir(join(data, "varve/containers"))).toEqual([]);
  });

  it("keeps named volumes, which start with the image's files", async () => {
    const first = await varve(["-v", "kept:/data", "run-test", "sh", "-c", "cat /data/f; echo 2 > /data/f"]);
    expect(first.stdout).toBe("seed\n");
    const again = await varve(["-v", "kept:/elsewhere", "run-test", "cat", "/elsewhere/f"]);
    expect(again.stdout).toBe("2\n");
    const volume = await stat(join(data, "varve/volumes/kept/_data"));
    expect([volume.uid, volume.gid, volume.mode & 0o7777]).toEqual([1000, 100, 0o2770]);
  });

  it("lists and removes unused named volumes", async () => {
    const volume = (...words: string[]) => run(process.execPath, [program, "volume", ...words]);
    const using = varve(["-v", "in-use:/v", "run-test", "sh", "-c", "touch /v/x; sleep 3"]);
    const path = join(data, "varve/volumes/in-use/_data");
    await expect.poll(() => readdir(path).catch(() => []), patient).toEqual(["x"]);
    expect((await volume("ls")).stdout).toMatch(/^in-use$/m);
    const refused = await volume("rm", "in-use", "nope");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/in-use: volume is in use\n.*nope: no such volume/);
    await using;
    expect(await volume("rm", "in-use")).toMatchObject({ code: 0, stdout: "in-use\n" });
    expect((await volume("ls")).stdout).not.toMatch(/^in-use$/m);
  });

  it("makes a missing folder of this machine", async () => {
    const made = join(folder, "made/by/run");
    await varve(["-v", `${made}:/m`, "run-test", "touch", "/m/x"]);
    expect(await readdir(made)).toEqual(["x"]);
  });

  it.each((["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name)))(
    "works with %s",
    async (runtime) => {
      const script = "id -u; cat /data/f; echo $E; touch /x && echo written; ls /t; exit 3";
      const args = ["--runtime", runtime, "-u", "alice", "--tmpfs", "/t", "run-test"];
      expect(await varve([...args, "sh", "-c", script])).toMatchObject({
        code: 3,
        stdout: "1000\nseed\nimage\n",
      });
      expect((await varve([...args, "nope"])).code).toBe(127);
      expect((await varve([...args, "/not-executable"])).code).toBe(126);
      const readonly = await varve(["--runtime", runtime, "--read-only", "run-test", "touch", "/x"]);
      expect(readonly.stderr).toContain("Read-only file system");
    },
  );

  it("explains that --publish has no effect", async () => {
    const { stderr, code } = await varve(["-p", "80:80", "--rm", "run-test", "true"]);
    expect(code).toBe(0);
    expect(stderr).toContain("--publish has no effect: the container uses the network of this machine");
    expect(stderr).not.toContain("--rm");
  });

  it.each([["-d"], ["--privileged"], ["--restart", "always"]])("rejects %s", async (...flags) => {
    const { stderr, code } = await varve([...flags, "run-test"]);
    expect(code).toBe(125);
    expect(stderr).toMatch(/is not supported by varve run: /);
  });

  it("reports a missing image", async () => {
    const { stderr, code } = await varve(["no/such:1"]);
    expect(code).toBe(125);
    expect(stderr).toContain("no/such:1: not found");
  });

  it("fetches nothing with --pull=never", async () => {
    const { stderr, code } = await run("env", [
      `XDG_CACHE_HOME=${join(folder, "empty")}`,
      process.execPath,
      program,
      ..."run --pull=never run-test".split(" "),
    ]);
    expect(code).toBe(125);
    expect(stderr).toContain("Cannot run with --pull=never: layer ");
  });

  it("rejects the name of a running container", async () => {
    const first = varve(["--name", "one", "run-test", "sleep", "2"]);
    await expect.poll(() => readdir(join(data, "varve/containers")), { timeout: 10_000 }).toHaveLength(1);
    const second = await varve(["--name", "one", "run-test"]);
    expect(second).toMatchObject({ code: 125 });
    expect(second.stderr).toContain('The container name "/one" is already in use');
    expect((await first).code).toBe(0);
    expect((await varve(["--name", "one", "run-test"])).code).toBe(0);
  });

  describe("that is stopped", () => {
    async function begun(...args: string[]) {
      const env = { ...process.env, VARVE_SERVER: server.url, XDG_DATA_HOME: data, XDG_CACHE_HOME: data };
      const child = spawn(process.execPath, [program, "run", ...args], { env });
      child.stdout.setEncoding("utf8");
      let output = "";
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (text: string) => {
          output += text;
          if (output.includes("began")) resolve();
        });
      });
      const ended = once(child, "close").then(([code]) => ({ code, output: () => output }));
      return { child, ended };
    }
    const script =
      "trap 'echo term; exit 3' TERM; trap 'echo int; exit 4' INT; trap 'echo usr; exit 5' USR1; echo began; while true; do sleep 0.1; done";

    it.each([
      ["SIGTERM", [], "term", 3],
      ["SIGINT", [], "int", 4],
      ["SIGUSR1", [], "usr", 5],
      ["SIGTERM", ["--stop-signal", "USR1"], "usr", 5],
    ] as const)("hands on %s %j", async (signal, flags, word, code) => {
      const { child, ended } = await begun(...flags, "run-test", "sh", "-c", script);
      child.kill(signal);
      const end = await ended;
      expect([end.code, end.output()]).toEqual([code, `began\n${word}\n`]);
    });

    it("is killed when it ignores the signal", async () => {
      const { child, ended } = await begun(
        "--stop-timeout",
        "1",
        "run-test",
        "sh",
        "-c",
        "echo began; sleep 100",
      );
      child.kill("SIGTERM");
      expect((await ended).code).toBe(137);
    });

    it("leaves nothing behind when varve run is killed", async () => {
      const { child } = await begun("run-test", "sh", "-c", "echo began; sleep 271.5");
      child.kill("SIGKILL");
      const running = async () => {
        const lines = await Promise.all(
          (await readdir("/proc")).map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
        );
        return lines.filter((line) => line.includes("271.5")).length;
      };
      await expect.poll(running).toBe(0);
      await varve(["run-test", "true"]);
      expect(await readdir(join(data, "varve/containers"))).toEqual([]);
    });
  });

  describe("at a terminal", () => {
    const socket = `varve-${process.pid}`;
    const tmux = (...args: string[]) => execFileSync("tmux", ["-L", socket, ...args], { encoding: "utf8" });
    const screen = () => tmux("capture-pane", "-p", "-e");
    const type = (...keys: string[]) => tmux("send-keys", ...keys);
    beforeAll(() => {
      const environment = [
        "-e",
        `VARVE_SERVER=${server.url}`,
        "-e",
        `XDG_DATA_HOME=${data}`,
        "-e",
        `XDG_CACHE_HOME=${data}`,
      ];
      tmux("-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "24", ...environment, "sh");
    });
    afterAll(() => tmux("kill-server"));

    it("uses its size, colours and keys, and restores its settings", async () => {
      type(`clear; ${process.execPath} ${program} run -it run-test sh`, "Enter");
      await expect.poll(screen).toContain("/w #");
      type("stty size; tty", "Enter");
      await expect.poll(screen).toMatch(/^24 90\n\/dev\/pts\/0$/m);
      tmux("resize-window", "-x", "80", "-y", "20");
      type("stty size", "Enter");
      await expect.poll(screen).toMatch(/^20 80$/m);
      type("echo asleep; sleep 100", "Enter");
      await expect.poll(screen).toMatch(/^asleep$/m);
      await pause(300);
      type("C-c");
      type("echo status $?", "Enter");
      await expect.poll(screen).toMatch(/^status 130$/m);
      type("printf '\\033[31mred\\033[0m\\n'", "Enter");
      await expect.poll(screen).toContain("\u001b[31mred\u001b[");
      type("exit 6", "Enter");
      await expect.poll(screen).toMatch(/exit 6\n#/);
      type("echo code $?; stty -a | grep -ow icanon", "Enter");
      await expect.poll(screen).toMatch(/exit 6\n# echo .*\ncode 6\nicanon$/m);
    });

    it("kills a command that ignores Ctrl-C after the third one", async () => {
      type(`clear; ${process.execPath} ${program} run run-test sh -c 'echo began; sleep 314'`, "Enter");
      await expect.poll(screen).toMatch(/^began$/m);
      for (let count = 0; count < 3; count += 1) {
        type("C-c");
        await pause(100);
      }
      type("echo code $?", "Enter");
      await expect.poll(screen).toMatch(/^(?:# )?code 137$/m);
    });
  });
});
